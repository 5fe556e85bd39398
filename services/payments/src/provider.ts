import { DomainError } from '@shop/shared/errors';
import type { Answer, Call, CallRequest } from '@shop/shared/http/call';
import { z } from 'zod';
import { type ChargeAnswer, chargeKey, refundKey } from './payment.ts';
import type { Provider } from './ports.ts';

interface ProviderOptions {
  readonly call: Call;
  readonly providerUrl: string;
  /** Above what a slow provider needs: an answer that comes after it has to be asked for again. */
  readonly timeoutMs: number;
}

const charge = z.object({
  id: z.string(),
  status: z.enum(['captured', 'declined']),
  reason: z.string().optional(),
});
const charges = z.object({ items: z.array(charge) });
const refund = z.object({ chargeId: z.string(), amountCents: z.number() });
const problem = z.object({ code: z.string() });

/** The provider understood and will never take it: to us the same as a declined charge. */
const refusals = new Set([400, 402]);

function unavailable(detail: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}): DomainError {
  return new DomainError('unavailable', { code: 'provider-unavailable', detail, ...options });
}

function answerOf({ id, status, reason }: z.infer<typeof charge>): ChargeAnswer {
  return status === 'captured' ? { captured: true, chargeId: id } : { captured: false, reason: reason ?? 'declined' };
}

/** What was asked for, within bounds; 0 where nothing was. */
function retryAfterSeconds(answer: Answer): number {
  const seconds = Number(answer.header('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) : 0;
}

/** For the log: the provider's own word for what it refuses, where it says one. */
function wordOf(answer: Answer): string {
  try {
    return ` (${problem.parse(answer.json()).code})`;
  } catch {
    return '';
  }
}

/** The payment provider over HTTP, with idempotency keys. */
export function httpProvider({ call, providerUrl, timeoutMs }: ProviderOptions): Provider {
  async function ask(path: string, request: Omit<CallRequest, 'url' | 'timeoutMs'>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await call({ url: `${providerUrl}${path}`, timeoutMs, ...request });
    } catch (error) {
      throw unavailable('The payment provider does not answer.', { cause: error });
    }
    if (answer.status === 429)
      throw new DomainError('throttled', {
        code: 'provider-throttled',
        detail: 'The payment provider asks for a pause.',
        retryAfterSeconds: retryAfterSeconds(answer) || 1,
      });
    // Wrong credentials or a wrong address are an outage of ours: no order may be refused for them.
    if (!answer.ok && !refusals.has(answer.status) && answer.status !== 422)
      throw unavailable(`The payment provider answered ${answer.status}${wordOf(answer)}.`, {
        retryAfterSeconds: retryAfterSeconds(answer),
      });
    return answer;
  }

  function read<T>(answer: Answer, schema: z.ZodType<T>): T {
    try {
      return schema.parse(answer.json());
    } catch (error) {
      throw unavailable('The answer of the payment provider cannot be understood.', { cause: error });
    }
  }

  const post = (path: string, key: string, traceparent: string | undefined, body: object) =>
    ask(path, {
      ...{ template: path, method: 'POST', traceparent },
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });

  return {
    async charge({ orderId, amountCents }, traceparent) {
      const body = { orderId, amountCents, currency: 'BRL' };
      const answer = await post('/charges', chargeKey(orderId), traceparent, body);
      if (refusals.has(answer.status)) return { captured: false, reason: read(answer, problem).code };
      if (!answer.ok) throw new Error(`the provider refused the charge's key: ${read(answer, problem).code}`);
      return answerOf(read(answer, charge));
    },

    async findCharge(orderId, traceparent) {
      const { items } = read(await ask(`/charges?orderId=${orderId}`, { template: '/charges', traceparent }), charges);
      const found = items.find(({ status }) => status === 'captured') ?? items[0];
      return found && answerOf(found);
    },

    async refund({ orderId, chargeId, amountCents }, traceparent) {
      const answer = await post('/refunds', refundKey(orderId), traceparent, { chargeId, amountCents });
      if (!answer.ok) throw new Error(`the provider refused the refund: ${read(answer, problem).code}`);
      const given = read(answer, refund);
      if (given.chargeId !== chargeId || given.amountCents !== amountCents)
        throw unavailable('The payment provider answered with another refund.');
    },
  };
}
