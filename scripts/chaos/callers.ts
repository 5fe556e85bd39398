/** Those who place orders: careful ones, impatient ones, ones who ask twice, and ones who change their minds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../services/shared/src/seeded-random.ts';
import type { SampleOrder } from '../load/shop-api.ts';
import type { AnswerLine, CallLine } from './history.ts';
import type { Recorder } from './history-file.ts';

export interface CallersOptions {
  /** Addresses of orders; attempts go to them in turn. */
  readonly orders: readonly string[];
  readonly sample: SampleOrder;
  readonly record: Recorder;
  readonly seed: number;
  /** How long somebody careful tries. */
  readonly patienceMs: number;
}

export interface Counts {
  placed: number;
  accepted: number;
  unanswered: number;
  cancelled: number;
}

type Question = Omit<CallLine, 'kind' | 'call'>;
type Answer = Omit<AnswerLine, 'kind' | 'call'>;

interface Request {
  readonly method: 'POST' | 'PATCH' | 'GET';
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  /** What the answer may take because it was asked to wait. */
  readonly waitSeconds?: number;
}

const requestTimeoutMs = 4_000;
const waitSeconds = 3;
/** Doubled with every attempt, or those who ask again would be the worst of what the shop has to survive. */
const retryPause = { firstMs: 250, maxMs: 4_000 };
const mostAtOnce = 64;

/** Shares of those who behave in that way; everybody else is careful and asks nothing more. */
const shares = { impatient: 0.05, repeats: 0.1, cancels: 0.15, reads: 0.1 };

export class Callers {
  readonly counts: Counts = { placed: 0, accepted: 0, unanswered: 0, cancelled: 0 };
  readonly #options: CallersOptions;
  #calls = 0;

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** Places `orders` orders, `perSecond` of them each second whatever becomes of earlier ones; resolves when all have their answer. */
  async run(orders: number, perSecond: number, signal?: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const waiting = new Set<Promise<void>>();
    for (let number = 0; number < orders && !signal?.aborted; number += 1) {
      const waitMs = startedAt + (number * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      while (waiting.size >= mostAtOnce) await Promise.race(waiting);
      const caller = this.#behave(number).finally(() => waiting.delete(caller));
      waiting.add(caller);
    }
    await Promise.all(waiting);
  }

  async #behave(number: number): Promise<void> {
    // A stream of its own for each: the same seed makes the same callers, whoever is answered first.
    const random = seededRandom(this.#options.seed + 7_919 * number);
    const [mood, quantity, pauseMs] = [random(), 1 + Math.floor(random() * 3), random() * 400];
    const place = () => this.#place(`order-${number}`, quantity);
    this.counts.placed += 1;
    const isCareful = mood >= shares.impatient;
    const answer = isCareful ? await this.#untilAnswered(place, (status) => status === 201) : await place();
    if (answer.status === 201) this.counts.accepted += 1;
    else this.counts.unanswered += 1;
    if (answer.status !== 201 || answer.orderId === undefined) return;
    await this.#goOn(answer.orderId, mood - shares.impatient, { pauseMs, place });
  }

  async #goOn(id: string, mood: number, { pauseMs, place }: { pauseMs: number; place: () => Promise<Answer> }) {
    if (mood < 0) return;
    if (mood < shares.repeats) {
      await sleep(pauseMs);
      await this.#untilAnswered(place, (status) => status === 201);
    } else if (mood < shares.repeats + shares.cancels) {
      await sleep(pauseMs);
      const { status } = await this.#untilAnswered(
        () => this.#cancel(id),
        (found) => found === 200 || found === 409,
      );
      if (status === 200) this.counts.cancelled += 1;
    } else if (mood < shares.repeats + shares.cancels + shares.reads) {
      const path = `/v1/orders/${id}?wait=${waitSeconds}`;
      await this.#ask({ what: 'read', orderId: id }, { method: 'GET', path, waitSeconds });
    }
  }

  #place(key: string, quantity: number): Promise<Answer> {
    const { sample } = this.#options;
    const [item] = sample.items;
    const totalCents = Math.round(sample.total * 100) * quantity;
    const body = {
      ...sample,
      items: [{ ...item, quantity }],
      total: totalCents / 100,
      payments: [{ typePaymentId: 1, amount: totalCents / 100 }],
    };
    return this.#ask({ what: 'place', key, totalCents }, { method: 'POST', path: '/v1/orders', body, key });
  }

  #cancel(id: string): Promise<Answer> {
    const body = { status: 'CANCELADO' };
    return this.#ask({ what: 'cancel', orderId: id }, { method: 'PATCH', path: `/v1/orders/${id}`, body });
  }

  async #untilAnswered(attempt: () => Promise<Answer>, isEnd: (status: number) => boolean): Promise<Answer> {
    const deadline = performance.now() + this.#options.patienceMs;
    for (let pauseMs = retryPause.firstMs; ; pauseMs = Math.min(2 * pauseMs, retryPause.maxMs)) {
      const answer = await attempt();
      if ((answer.status !== undefined && isEnd(answer.status)) || performance.now() > deadline) return answer;
      await sleep(pauseMs);
    }
  }

  async #ask(question: Question, request: Request): Promise<Answer> {
    const { record, orders } = this.#options;
    this.#calls += 1;
    const call = this.#calls;
    const url = orders[call % orders.length] ?? '';
    record({ kind: 'call', call, ...question });
    const answer = await send(url, request);
    record({ kind: 'answer', call, ...answer });
    return answer;
  }
}

/** No status where there was no answer, or not all of it. */
async function send(url: string, { method, path, body, key, waitSeconds = 0 }: Request): Promise<Answer> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestTimeoutMs + 1_000 * waitSeconds),
    });
    const { id, status } = (await response.json()) as { id?: string; status?: string | number };
    return {
      status: response.status,
      ...(id !== undefined && { orderId: id }),
      ...(typeof status === 'string' && { word: status }),
    };
  } catch {
    return {};
  }
}
