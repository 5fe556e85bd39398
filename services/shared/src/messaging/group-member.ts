import { backoffMs } from '../backoff.ts';
import { asError } from '../errors.ts';
import type { ConsumerLife, ConsumerListener, ConsumerOptions } from '../kafka/consumer-life.ts';
import { isHopeless, isMissingTopic } from '../kafka/errors.ts';
import type { Logger } from '../log.ts';
import { pause, within } from '../pause.ts';

export interface GroupMemberOptions {
  readonly open: (options: ConsumerOptions, listener: ConsumerListener) => ConsumerLife;
  readonly consumer: ConsumerOptions;
  readonly listener: Omit<ConsumerListener, 'crashed' | 'heartbeat'> & {
    /** The group is lost without a chance to commit; `joined` follows when Kafka is back. */
    readonly lost: () => void;
  };
  readonly ping: () => Promise<void>;
  /** Called once, for what only a restart of the process can mend. */
  readonly onFatal: (error: Error) => void;
  readonly log: Logger;
}

const restartPause = { firstMs: 500, maxMs: 2_000 };
const goodbyeTimeoutMs = 5_000;
/** What joining may take at worst beyond the session: the group waits for members that died with the last broker. */
const joinTimeoutMs = 30_000;

/**
 * Membership in a group that outlives outages: when a consumer has ended, because Kafka was away or because the client
 * gave up, another one is started, for as long as it takes. It watches itself too: where Kafka answers but the group has
 * not heard of us for much longer than a session, the client is stuck in a way of its own.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions;
  readonly #stopping = new AbortController();
  readonly #tickMs: number;
  #life: ConsumerLife | undefined;
  #watch: NodeJS.Timeout | undefined;
  #silentTicks = 0;
  #fatal: Error | undefined;
  #joined = false;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
    this.#tickMs = options.consumer.sessionTimeoutMs / 4;
  }

  /** True once the group has been joined. */
  get hasJoined(): boolean {
    return this.#joined;
  }

  /** Why only a restart helps, if that is so. */
  get fatal(): Error | undefined {
    return this.#fatal;
  }

  start(): void {
    // Ticks, not times: a process that was frozen wakes up to one tick, and has the time of the others to recover.
    this.#watch = setInterval(() => void this.#tick(), this.#tickMs).unref();
    void this.#run();
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    if (!this.#life) throw new Error('the group is not joined');
    await this.#life.commit(offsets);
  }

  pause(partition: number): void {
    this.#life?.pause([partition]);
  }

  resume(partition: number): void {
    this.#life?.resume([partition]);
  }

  seek(partition: number, offset: bigint): void {
    this.#life?.seek(partition, offset);
  }

  /** Leaves the group, within five seconds. */
  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#stopping.abort();
    const life = this.#life;
    this.#life = undefined;
    if (life) await sayGoodbye(life);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { log } = this.#options;
    let failures = 0;
    let loggedPauseMs = 0;
    const onJoined = () => {
      failures = 0;
      loggedPauseMs = 0;
    };
    while (!signal.aborted) {
      const error = await this.#live(onJoined);
      if (signal.aborted) return;
      if (isHopeless(error)) return this.#fail(error);
      if (isMissingTopic(error)) this.#silentTicks = 0;
      const pauseMs = backoffMs(restartPause, failures, Math.random());
      // Once per growing pause: an outage of an hour is not worth a thousand lines.
      const longestMs = Math.min(restartPause.maxMs, restartPause.firstMs * 2 ** failures);
      log[longestMs > loggedPauseMs ? 'warn' : 'debug']({ err: error, pauseMs }, 'consumer lost Kafka, trying again');
      loggedPauseMs = longestMs;
      failures += 1;
      await pause(pauseMs, signal);
    }
  }

  /** Resolves with what ended the consumer. */
  async #live(onJoined: () => void): Promise<Error> {
    const { open, consumer, listener } = this.#options;
    const ended = Promise.withResolvers<Error>();
    const isCurrent = () => this.#life === life;
    const life = open(consumer, {
      joined: (partitions) => {
        if (!isCurrent()) return;
        onJoined();
        this.#joined = true;
        this.#silentTicks = 0;
        life.resume(partitions);
        listener.joined(partitions);
      },
      rebalancing: () => isCurrent() && listener.rebalancing(),
      heartbeat: () => {
        if (isCurrent()) this.#silentTicks = 0;
      },
      crashed: ended.resolve,
      ready: (partition) => listener.ready(partition),
      take: (fetch) => isCurrent() && listener.take(fetch),
    });
    this.#life = life;
    const error = await Promise.race([life.start().then(() => ended.promise, asError), ended.promise]);
    if (isCurrent()) {
      this.#life = undefined;
      listener.lost();
      void sayGoodbye(life);
    }
    return error;
  }

  async #tick(): Promise<void> {
    this.#silentTicks += 1;
    if (this.#silentTicks === 1) return;
    try {
      await this.#options.ping();
    } catch {
      // Only silence while Kafka answers is a bad sign.
      this.#silentTicks = 0;
      return;
    }
    const silentMs = this.#silentTicks * this.#tickMs;
    if (silentMs >= 2 * this.#options.consumer.sessionTimeoutMs + joinTimeoutMs)
      this.#fail(new Error(`Kafka answers, but the group has had no heartbeat from this consumer for ${silentMs} ms`));
  }

  #fail(error: Error): void {
    if (this.#fatal || this.#stopping.signal.aborted) return;
    this.#fatal = error;
    clearInterval(this.#watch);
    this.#options.onFatal(error);
  }
}

/** Leaving at once gives the partitions to others at once; without it they are unserved until the session ends. */
async function sayGoodbye(life: ConsumerLife): Promise<void> {
  await within(
    goodbyeTimeoutMs,
    life.stop().catch(() => undefined),
  );
  life.kill();
}
