import { asError, DomainError, type TranslateError } from '../errors.ts';
import type { FetchedRecord, OutgoingRecord } from '../kafka/records.ts';
import type { Logger } from '../log.ts';
import { traceIdOf } from '../tracing/traceparent.ts';
import { type AttemptPolicy, attempt } from './attempts.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import { type DeadLetter, deadLetterRecord, deadLetterReference, isReplayForAnother } from './dead-letter.ts';
import type { Verdict } from './failure-policy.ts';
import type { WhileWaiting } from './gate.ts';
import { Abandoned, type Partition } from './generation.ts';
import { type Message, messageOf } from './message.ts';

/**
 * Handles one message; it may come again, so the effect must be the same when it does. What it throws decides what
 * happens to the message: see `judge`. Needs deadlines of its own: nobody ends a handler that hangs.
 */
export type Handle = (message: Message) => Promise<'applied' | 'duplicate'>;

export interface ProcessorOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly handle: Handle;
  readonly deadLetter: (record: OutgoingRecord) => Promise<void>;
  readonly translate: TranslateError;
  readonly policy: AttemptPolicy;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly onFinished: (partition: Partition, record: FetchedRecord) => void;
  /** A fault in here, not in the handler. */
  readonly onFault: (error: Error) => void;
}

type Tried = Omit<Message, 'attempt'>;

/** Brings a message to its end: applied, a duplicate, dead-lettered, not for us; or abandoned, to be delivered again. */
export class Processor {
  readonly #options: ProcessorOptions;
  readonly #labels: { readonly group: string; readonly topic: string };
  /** When each handler that runs now began. */
  readonly #running = new Set<{ readonly since: number }>();

  constructor(options: ProcessorOptions) {
    this.#options = options;
    this.#labels = { group: options.groupId, topic: options.topic };
  }

  get running(): number {
    return this.#running.size;
  }

  /** For how long the handler that has run longest has been running. */
  longestRunMs(): number {
    return Math.max(0, ...[...this.#running].map(({ since }) => performance.now() - since));
  }

  /** Nothing is thrown, whatever the handler does. */
  async process(partition: Partition, record: FetchedRecord, whileWaiting: WhileWaiting): Promise<void> {
    const { topic, log, policy, translate, onFinished, onFault } = this.#options;
    const message = messageOf(record, topic, partition.partition);
    const since = performance.now();
    let attempts = 0;
    const line = () => ({
      orderId: message.key,
      ce_id: message.headers.ce_id,
      trace_id: traceIdOf(message.headers.traceparent),
      topic,
      partition: message.partition,
      offset: message.offset,
      attempt: attempts,
      durationMs: Math.round(performance.now() - since),
    });
    try {
      // Not behind the gate: it says nothing about whether an outage is over.
      const outcome = isReplayForAnother(message, this.#options.groupId)
        ? 'not-for-us'
        : await attempt<string>({
            policy,
            random: Math.random,
            gate: partition.gate,
            translate,
            signal: partition.signal,
            order: record.offset,
            whileWaiting,
            work: () => {
              attempts += 1;
              return this.#handle({ ...message, attempt: attempts });
            },
            giveUp: (verdict, cause) => this.#deadLetter(record, message, attempts, verdict, cause),
            onFailure: ({ answer, code }, cause) => {
              if (answer !== 'reject') log.warn({ ...line(), code, err: cause }, 'attempt failed');
            },
          });
      onFinished(partition, record);
      this.#options.metrics.messages.inc({ ...this.#labels, outcome });
      log.info({ ...line(), outcome }, 'message handled');
    } catch (error) {
      if (error instanceof Abandoned) log.debug(line(), 'message abandoned, it will be delivered again');
      else onFault(asError(error));
    }
  }

  async #handle(message: Message): Promise<string> {
    const run = { since: performance.now() };
    this.#running.add(run);
    try {
      return await this.#options.handle(message);
    } finally {
      this.#running.delete(run);
      const seconds = (performance.now() - run.since) / 1_000;
      this.#options.metrics.handlerSeconds.observe(this.#labels, seconds);
      this.#options.metrics.busySeconds.inc(this.#labels, seconds);
    }
  }

  async #deadLetter(
    record: FetchedRecord,
    message: Tried,
    deliveries: number,
    { code, reason }: Verdict,
    cause: unknown,
  ) {
    const { groupId, topic, log } = this.#options;
    const { partition, offset } = message;
    const line = { orderId: message.key, trace_id: traceIdOf(message.headers.traceparent), topic, partition, offset };
    const letter = { record, topic, partition, groupId, deliveries, code, reason, failedAt: new Date() };
    try {
      await this.#sendLetter(letter);
    } catch (error) {
      log.error({ ...line, err: error }, 'could not dead-letter the message; it waits');
      throw error;
    }
    this.#options.metrics.deadLetters.inc({ ...this.#labels, code });
    log.error({ ...line, code, deliveries, err: cause }, 'message dead-lettered');
    return 'dead-lettered';
  }

  async #sendLetter(letter: DeadLetter): Promise<void> {
    const { deadLetter } = this.#options;
    try {
      await deadLetter(deadLetterRecord(letter));
    } catch (error) {
      // Waiting would not make it smaller, and the partition would wait for ever.
      if (!(error instanceof DomainError && error.kind === 'unprocessable')) throw error;
      await deadLetter(deadLetterReference(letter));
    }
  }
}
