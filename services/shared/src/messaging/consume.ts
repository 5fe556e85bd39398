import type { Backoff } from '../backoff.ts';
import type { TranslateError } from '../errors.ts';
import type { Check } from '../http/health.ts';
import type { Kafka } from '../kafka/connect.ts';
import { isRebalance } from '../kafka/errors.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import type { Logger } from '../log.ts';
import type { Registry } from '../metrics.ts';
import { within } from '../pause.ts';
import type { AttemptPolicy } from './attempts.ts';
import { Committer } from './committer.ts';
import { type ConsumerMetrics, consumerMetrics } from './consumer-metrics.ts';
import { type Bounds, Generation } from './generation.ts';
import { GroupMember } from './group-member.ts';
import { KeyQueue } from './key-queue.ts';
import { type Handle, Processor } from './processor.ts';

export interface ConsumeOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  readonly handle: Handle;
  /** Resolves when Kafka has it: the message counts as finished then. Rejecting is treated as an outage. */
  readonly deadLetter: (record: OutgoingRecord) => Promise<void>;
  readonly registry: Registry;
  readonly log: Logger;
  /** Called once, for what only a restart of the process mends. */
  readonly onFatal: (error: Error) => void;
  /** Knows the errors of the handler's dependencies, for example `mongoOutage`. */
  readonly translate?: TranslateError;
  /** How many handlers run at once, over all partitions; never two for one key. */
  readonly concurrency?: number;
  /**
   * Kafka takes a consumer for dead when it has not heard from it for this long, and its partitions wait for as long when
   * it was killed. Handlers may take longer. Not below 6000, which brokers refuse unless told otherwise.
   */
  readonly sessionTimeoutMs?: number;
  readonly timing?: Partial<Timing>;
}

export interface Timing {
  /** Attempts in place, before an outage pauses the partition or a message is given up. */
  readonly attempts: AttemptPolicy;
  /** How long a partition stays paused before one message finds out whether the outage is over. */
  readonly outage: Backoff;
  readonly commitIntervalMs: number;
  readonly bounds: Bounds;
  /** A handler that runs for longer is taken to hang. */
  readonly hangingMs: number;
}

export interface Consumption {
  /**
   * Takes nothing more, waits for running handlers for at most `timeoutMs`, commits and leaves the group, which may take
   * another seven seconds when Kafka is slow. What is unfinished then is delivered again, to somebody.
   */
  readonly stop: (options: { readonly timeoutMs: number }) => Promise<void>;
  /** Throws when only a restart helps; an outage of Kafka or of a dependency is not such a case. */
  readonly live: Check;
  /** Throws until the group has been joined once. */
  readonly ready: Check;
}

const defaults: Timing = {
  attempts: { attempts: 4, pause: { firstMs: 500, maxMs: 2_000 } },
  outage: { firstMs: 1_000, maxMs: 30_000 },
  commitIntervalMs: 100,
  bounds: { messages: 500, bytes: 8_000_000, uncommittable: 5_000 },
  hangingMs: 300_000,
};
const maxBytesPerPartition = 262_144;
const lastCommitTimeoutMs = 2_000;

/**
 * Consumes a topic as a member of a group, from the beginning where the group is new; every message is finished at least
 * once, which is: applied, recognised as a duplicate, or dead-lettered. Starts in the background and keeps trying.
 *
 * Fetching and handling are apart: the client only fills our queues and goes on fetching and sending heartbeats, so a
 * handler may take as long as it needs without costing us the membership.
 */
export function consume(options: ConsumeOptions): Consumption {
  const consumer = new Consumer(options);
  return {
    stop: ({ timeoutMs }) => consumer.stop(timeoutMs),
    live: async () => consumer.live(),
    ready: async () => consumer.ready(),
  };
}

class Consumer {
  readonly #options: ConsumeOptions;
  readonly #timing: Timing;
  readonly #labels: { group: string; topic: string };
  readonly #metrics: ConsumerMetrics;
  readonly #queue: KeyQueue;
  readonly #member: GroupMember;
  readonly #committer: Committer;
  readonly #processor: Processor;
  #generation: Generation | undefined;
  #standsStillSinceMs: number | undefined;
  #stopping = false;

  constructor(options: ConsumeOptions) {
    const { kafka, groupId, topic, registry, log, onFatal, concurrency = 16, sessionTimeoutMs = 10_000 } = options;
    this.#options = options;
    this.#timing = { ...defaults, ...options.timing };
    this.#labels = { group: groupId, topic };
    this.#metrics = consumerMetrics(registry);
    this.#metrics.concurrency.set(this.#labels, concurrency);
    this.#metrics.watch(this.#labels, () => this.#generation?.partitions.values() ?? []);
    this.#queue = new KeyQueue(concurrency);
    this.#committer = new Committer({
      intervalMs: this.#timing.commitIntervalMs,
      due: () => this.#due(),
      commit: (offsets) => this.#member.commit(offsets),
      onCommitted: (offsets) => {
        for (const [partition, offset] of offsets) this.#generation?.partitions.get(partition)?.committed(offset);
      },
      onFailed: (error) => {
        this.#metrics.commitFailures.inc(this.#labels);
        log[isRebalance(error) ? 'debug' : 'warn']({ err: error }, 'could not commit; messages may be delivered again');
      },
    });
    this.#processor = new Processor({
      groupId,
      topic,
      handle: options.handle,
      deadLetter: options.deadLetter,
      translate: options.translate ?? (() => undefined),
      policy: this.#timing.attempts,
      metrics: this.#metrics,
      log,
      onFinished: (partition, record) => {
        partition.finish(record);
        this.#committer.changed();
      },
      onFault: onFatal,
    });
    this.#member = new GroupMember({
      open: kafka.consumer,
      consumer: {
        groupId,
        topic,
        sessionTimeoutMs,
        maxBytesPerPartition,
      },
      listener: {
        joined: (partitions) => this.#joined(partitions),
        rebalancing: () => this.#rebalancing(),
        lost: () => this.#lost(),
        ready: async (partition) => this.#generation?.partitions.get(partition)?.ready(),
        take: (fetch) => this.#generation?.partitions.get(fetch.partition)?.take(fetch) ?? false,
      },
      ping: kafka.ping,
      onFatal,
      log,
    });
    this.#member.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    this.#generation?.drain();
    await within(timeoutMs, this.#queue.idle());
    this.#committer.stop();
    await within(lastCommitTimeoutMs, this.#committer.flush());
    await this.#member.stop();
    this.#options.log.info({ ...this.#labels, unfinished: this.#processor.running }, 'left the group');
  }

  live(): void {
    if (this.#member.fatal) throw this.#member.fatal;
    const longestMs = this.#processor.longestRunMs();
    if (longestMs > this.#timing.hangingMs)
      throw new Error(`a handler of ${this.#options.topic} has been running for ${Math.round(longestMs / 1_000)} s`);
  }

  ready(): void {
    if (!this.#member.hasJoined) throw new Error(`the group ${this.#options.groupId} was not joined yet`);
  }

  #rebalancing(): void {
    this.#standsStillSinceMs ??= performance.now();
    void this.#committer.flush();
  }

  #lost(): void {
    // An outage is no rebalance, however long it was until the next joining.
    this.#standsStillSinceMs = undefined;
    this.#end();
  }

  #joined(partitions: readonly number[]): void {
    const { kafka, groupId, topic, log } = this.#options;
    this.#end();
    this.#metrics.rebalances.inc(this.#labels);
    if (this.#standsStillSinceMs !== undefined)
      this.#metrics.rebalanceSeconds.observe(this.#labels, (performance.now() - this.#standsStillSinceMs) / 1_000);
    this.#standsStillSinceMs = undefined;
    log.info({ ...this.#labels, partitions }, 'joined the group');
    this.#generation = new Generation(partitions, {
      async offsets() {
        const admin = kafka.admin();
        try {
          return await admin.offsets(topic, groupId);
        } finally {
          await admin.close().catch((error) => log.debug({ err: error }, 'could not close the admin connection'));
        }
      },
      pause: (partition) => this.#member.pause(partition),
      resume: (partition) => this.#member.resume(partition),
      seek: (partition, offset) => this.#member.seek(partition, offset),
      deliver: (partition, record) =>
        // Bytes as they are: two keys that are no UTF-8 must not look alike.
        partition.lane.add(record.key?.toString('latin1'), (wait) => this.#processor.process(partition, record, wait)),
      queue: this.#queue,
      gate: { backoff: this.#timing.outage, random: Math.random },
      bounds: this.#timing.bounds,
      onPause: (partition, reason, cause) => {
        this.#metrics.pauses.inc({ ...this.#labels, reason });
        this.#metrics.pausedPartitions.inc({ ...this.#labels, reason });
        if (reason === 'outage') log.warn({ topic, partition, err: cause }, 'partition paused: a dependency is down');
      },
      onResume: (partition, reason) => {
        this.#metrics.pausedPartitions.dec({ ...this.#labels, reason });
        if (reason === 'outage') log.info({ topic, partition }, 'partition resumed');
      },
      log,
    });
    if (this.#stopping) this.#generation.drain();
  }

  #end(): void {
    this.#generation?.end();
    this.#generation = undefined;
  }

  #due(): Map<number, bigint> {
    const offsets = new Map<number, bigint>();
    for (const [number, partition] of this.#generation?.partitions ?? []) {
      const offset = partition.due();
      if (offset !== undefined) offsets.set(number, offset);
    }
    return offsets;
  }
}
