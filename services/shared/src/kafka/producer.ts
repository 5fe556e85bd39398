import { backoffMs } from '../backoff.ts';
import type { DomainError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { pause, within } from '../pause.ts';
import { isAnswer, kafkaUnavailable, sendFailure } from './errors.ts';
import type { OutgoingRecord } from './records.ts';
import { DeadlineError, LateConnectionError, WriteGate } from './write-gate.ts';

export interface Producer {
  /**
   * Resolves when every in-sync replica has every record. When it throws, some may be written nevertheless and sending
   * again duplicates them: readers must recognise what they know already.
   *
   * @param options.timeoutMs how long it may take, with all its attempts, where that is less than the producer's own limit
   * @throws DomainError `unavailable` after that at the latest; `unprocessable` for a record that Kafka refuses
   */
  readonly send: (records: readonly OutgoingRecord[], options?: { readonly timeoutMs?: number }) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One life of the client's producer; a new one is opened when it has failed. */
export interface ProducerLife {
  readonly connect: () => Promise<void>;
  /**
   * Settles when nothing of it is on its way any more.
   *
   * @param beginWrite called before anything is written to a broker; where it throws, nothing is
   */
  readonly sendBatch: (records: readonly OutgoingRecord[], beginWrite: () => void) => Promise<void>;
  /** Waits for what is in flight. */
  readonly disconnect: () => Promise<void>;
  /** Cuts the connections, so that nothing in flight is written after we have given up on it. */
  readonly kill: () => void;
}

export interface ProducerOptions {
  readonly open: () => ProducerLife;
  readonly log: Logger;
  /** How long one `send` may take, with all its attempts. */
  readonly timeoutMs: number;
}

const retryPause = { firstMs: 100, maxMs: 2_000 };
const closeTimeoutMs = 3_000;

/**
 * For how many sends a life may fail that is not to blame itself: that connects, which to all brokers and with a login may take
 * longer than one, and would never be done if each cut it off; or whose broker answers that it cannot take the records now. A
 * broker that hangs looks like one that is slow, so they are not more.
 */
const patienceSends = 2;

/** The client sends one batch per partition, and brokers refuse batches over `message.max.bytes`, which is 1 MiB unless raised. */
const maxBatchBytes = 900_000;

interface Life extends ProducerLife {
  readonly connected: Promise<void>;
  /** When the first attempt began that has failed since one did not. */
  failingSinceMs: number | undefined;
}

/**
 * Connects in the background and again after an outage: the client's own producer may stay disconnected for good, or go
 * on using a connection that no longer answers, so one that failed is thrown away. One that only connects, or whose broker answers, is not.
 */
export class ReconnectingProducer implements Producer {
  readonly #options: ProducerOptions;
  readonly #closing = new AbortController();
  #life: Life | undefined;
  #isAwayTold = false;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#open();
  }

  readonly send: Producer['send'] = async (records, { timeoutMs = this.#options.timeoutMs } = {}) => {
    const deadline = performance.now() + timeoutMs;
    for (const batch of batches(records)) await this.#sendBatch(batch, deadline);
  };

  readonly close = async (): Promise<void> => {
    this.#closing.abort();
    const life = this.#life;
    this.#life = undefined;
    if (life) await end(life, closeTimeoutMs);
  };

  async #sendBatch(records: readonly OutgoingRecord[], deadline: number): Promise<void> {
    let reason: DomainError | undefined;
    for (let failures = 0; ; failures++) {
      if (this.#closing.signal.aborted) throw kafkaUnavailable(new Error('the producer is closed'));
      const life = this.#life ?? this.#open();
      try {
        return await this.#attempt(life, records, deadline);
      } catch (error) {
        reason = failureOf(error, reason);
        const isOver = reason.kind !== 'unavailable' || error instanceof DeadlineError;
        if (isOver || !(await this.#pauseWithin(deadline, failures))) throw reason;
      }
    }
  }

  /** False, without a pause, where there is no time for another attempt after it. */
  async #pauseWithin(deadline: number, failures: number): Promise<boolean> {
    const pauseMs = backoffMs(retryPause, failures, Math.random());
    if (performance.now() + pauseMs >= deadline) return false;
    await pause(pauseMs, this.#closing.signal);
    return true;
  }

  async #attempt(life: Life, records: readonly OutgoingRecord[], deadline: number): Promise<void> {
    const gate = new WriteGate(deadline);
    let isConnected = false;
    const sent = life.connected.then(() => {
      isConnected = true;
      return life.sendBatch(records, gate.beginWrite);
    });
    try {
      await before(deadline, Promise.race([sent, gate.closed]));
      life.failingSinceMs = undefined;
    } catch (error) {
      life.failingSinceMs ??= gate.startedAtMs;
      // A refused login is an answer too, and the next one needs another life.
      const isWell = (isConnected && isAnswer(error)) || (error instanceof DeadlineError && !gate.isWriting);
      const isPatient = performance.now() - life.failingSinceMs < patienceSends * this.#options.timeoutMs;
      const isKept = error instanceof LateConnectionError || (isWell && isPatient);
      if (!isKept && sendFailure(error).kind === 'unavailable') this.#drop(life, error);
      throw error;
    }
  }

  #open(): Life {
    const life = this.#options.open();
    const connected = life.connect();
    connected.then(
      () => {
        this.#isAwayTold = false;
      },
      // Whoever sends sees the failure; where nobody sends yet, a wrong password would be told by nothing else.
      (error) => {
        if (this.#closing.signal.aborted) return;
        const reason = kafkaUnavailable(error).message;
        this.#options.log[this.#isAwayTold ? 'debug' : 'warn'](
          { err: error, reason },
          'producer cannot connect to Kafka',
        );
        this.#isAwayTold = true;
      },
    );
    this.#life = { ...life, connected, failingSinceMs: undefined };
    return this.#life;
  }

  #drop(life: Life, error: unknown): void {
    if (this.#life === life) this.#life = undefined;
    this.#options.log.debug({ err: error }, 'producer starts over');
    if (error instanceof DeadlineError) life.kill();
    else void end(life, this.#options.timeoutMs);
  }
}

/** That time ran out in the last of several attempts tells less than why the one before it failed. */
function failureOf(error: unknown, before: DomainError | undefined): DomainError {
  return error instanceof DeadlineError && before ? before : sendFailure(error);
}

/** What could not be ended in order is cut off; nothing that was acknowledged depends on it. */
async function end(life: ProducerLife, timeoutMs: number): Promise<void> {
  await within(
    timeoutMs,
    life.disconnect().catch(() => undefined),
  );
  life.kill();
}

async function before<T>(deadline: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const timeoutMs = Math.max(0, Math.round(deadline - performance.now()));
  const timeout = pause(timeoutMs, done.signal).then(() => {
    throw new DeadlineError(`no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timeout.catch(() => undefined);
    done.abort();
  }
}

/** In their order, each small enough to be taken whole even if all its records go to one partition. */
function batches(records: readonly OutgoingRecord[]): OutgoingRecord[][] {
  const result: OutgoingRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const bytes = sizeOf(record);
    if (bytes > room) {
      result.push([]);
      room = maxBatchBytes;
    }
    result.at(-1)?.push(record);
    room -= bytes;
  }
  return result;
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  const parts = [key, value, ...Object.entries(headers).flat(2)];
  return 100 + parts.reduce((sum, part) => sum + (part ? Buffer.byteLength(part) + 5 : 0), 0);
}
