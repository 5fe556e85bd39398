import { backoffMs } from '../backoff.ts';
import type { PartitionOffsets } from '../kafka/admin.ts';
import type { Fetch } from '../kafka/consumer-life.ts';
import type { FetchedRecord } from '../kafka/records.ts';
import type { Logger } from '../log.ts';
import { pause, within } from '../pause.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { KeyQueue, Lane } from './key-queue.ts';
import { OffsetTracker } from './offset-tracker.ts';

/** Why work of a generation was left alone: its partitions may be somebody else's by now, or the process is stopping. */
export class Abandoned extends Error {
  constructor() {
    super('the partition is not ours any more, or the consumer is stopping');
    this.name = 'Abandoned';
  }
}

type PauseReason = 'outage' | 'backlog';

/** What is waiting of one partition before fetching it is paused; it goes on below half of that. */
export interface Bounds {
  readonly messages: number;
  readonly bytes: number;
  /** Messages that are finished but not committable count here too: they would all come again after a crash. */
  readonly uncommittable: number;
}

export interface GenerationOptions {
  readonly offsets: () => Promise<readonly PartitionOffsets[]>;
  readonly pause: (partition: number) => void;
  readonly resume: (partition: number) => void;
  readonly seek: (partition: number, offset: bigint) => void;
  readonly deliver: (partition: Partition, record: FetchedRecord) => void;
  readonly queue: KeyQueue;
  readonly gate: Pick<GateOptions, 'backoff' | 'random'>;
  readonly bounds: Bounds;
  readonly onPause: (partition: number, reason: PauseReason, cause: unknown) => void;
  readonly onResume: (partition: number, reason: PauseReason) => void;
  readonly log: Logger;
}

const positionWaitMs = 500;
const retryPause = { firstMs: 200, maxMs: 2_000 };

/** What we do between two joinings of the group: our partitions, and what is in hand of them. */
export class Generation {
  readonly partitions: ReadonlyMap<number, Partition>;
  readonly #ending = new AbortController();
  readonly #options: GenerationOptions;

  constructor(partitions: readonly number[], options: GenerationOptions) {
    this.#options = options;
    this.partitions = new Map(
      partitions.map((partition) => [partition, new Partition(partition, options, this.#ending.signal)]),
    );
    if (partitions.length > 0) void this.#place();
  }

  /** Drops what has not started and abandons what waits; handlers that run go on. */
  end(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(new Abandoned());
    for (const partition of this.partitions.values()) partition.end();
  }

  /** As `end`, but stays in charge of what still runs: fetching stops, finishing and committing go on. */
  drain(): void {
    for (const partition of this.partitions.keys()) this.#options.pause(partition);
    this.end();
  }

  /**
   * Reads where the group is, from the coordinator: the client's own position may come from a batch that was fetched for
   * the last generation and handed over in this one, and starting there would skip what was dropped in between.
   */
  async #place(): Promise<void> {
    const { signal } = this.#ending;
    const { log, offsets } = this.#options;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        for (const found of await offsets()) this.partitions.get(found.partition)?.place(found);
        const missing = [...this.partitions.values()].filter(({ isPlaced }) => !isPlaced);
        if (missing.length === 0) return;
        // A broker that does not know yet of partitions that were added. Without a place nothing of them is taken.
        throw new Error(`no offsets of partitions ${missing.map(({ partition }) => partition).join(', ')}`);
      } catch (error) {
        log.debug({ err: error }, 'cannot read the offsets of the group yet');
        await pause(backoffMs(retryPause, failures, Math.random()), signal);
      }
    }
  }
}

/** One partition in one generation. */
export class Partition {
  readonly partition: number;
  readonly tracker = new OffsetTracker();
  readonly lane: Lane;
  readonly gate: Gate;
  readonly signal: AbortSignal;
  readonly #options: GenerationOptions;
  readonly #placed = Promise.withResolvers<void>();
  readonly #pausedFor = new Set<PauseReason>();
  #position: bigint | undefined;
  #doubted: bigint | undefined;
  #committed: bigint | undefined;
  #bytes = 0;

  constructor(partition: number, options: GenerationOptions, signal: AbortSignal) {
    this.partition = partition;
    this.signal = signal;
    this.#options = options;
    this.lane = options.queue.lane();
    this.gate = new Gate({
      ...options.gate,
      signal,
      onClose: (outage) => {
        this.lane.hold();
        this.pause('outage', outage.cause);
      },
      onOpen: () => {
        this.#resume('outage');
        this.lane.release();
      },
      startOther: this.lane.startOne,
    });
  }

  /** Once: one that has its place has gone on from there. */
  place({ low, committed }: PartitionOffsets): void {
    if (this.isPlaced) return;
    const { partition } = this;
    if (committed !== undefined && committed < low)
      this.#options.log.error(
        { partition, committed, low },
        'messages were deleted before this group had read them: the retention of the topic is too short',
      );
    this.#committed = committed;
    this.#position = committed !== undefined && committed > low ? committed : low;
    this.#placed.resolve();
  }

  /** Resolves when it is known where to start, or soon anyway. */
  async ready(): Promise<void> {
    if (this.isPlaced) return;
    await within(positionWaitMs, this.#placed.promise);
  }

  /** Takes what was fetched, if it follows on what was taken before. */
  take(fetch: Fetch): boolean {
    if (this.signal.aborted || !this.#follows(fetch)) return false;
    this.#position = fetch.next;
    for (const record of fetch.records) {
      this.tracker.add(record.offset);
      this.#bytes += sizeOf(record);
    }
    if (this.#isOver(1)) this.pause('backlog');
    for (const record of fetch.records) this.#options.deliver(this, record);
    return true;
  }

  finish(record: FetchedRecord): void {
    this.tracker.finish(record.offset);
    this.#bytes -= sizeOf(record);
    if (this.#pausedFor.has('backlog') && !this.#isOver(0.5)) this.#resume('backlog');
  }

  /** The offset to commit, if it is not the one that was committed last. */
  due(): bigint | undefined {
    const offset = this.tracker.committable();
    return offset === this.#committed ? undefined : offset;
  }

  committed(offset: bigint): void {
    this.#committed = offset;
  }

  /** In an outage fetching goes on until enough waits here: what comes may find out whether it is one for all of them. */
  pause(reason: PauseReason, cause?: unknown): void {
    if (this.signal.aborted || this.#pausedFor.has(reason)) return;
    if (reason === 'backlog') this.#options.pause(this.partition);
    this.#pausedFor.add(reason);
    this.#options.onPause(this.partition, reason, cause);
  }

  end(): void {
    this.lane.close();
    for (const reason of this.#pausedFor) this.#options.onResume(this.partition, reason);
  }

  get isPlaced(): boolean {
    return this.#position !== undefined;
  }

  #resume(reason: PauseReason): void {
    if (this.signal.aborted || !this.#pausedFor.delete(reason)) return;
    if (reason === 'backlog') this.#options.resume(this.partition);
    this.#options.onResume(this.partition, reason);
  }

  /**
   * A batch from somewhere else is asked for again, from where we are. If that brings the same jump a second time it is
   * real: there is nothing to read in between, because it was compacted, rolled back or deleted.
   */
  #follows({ from }: Fetch): boolean {
    const position = this.#position;
    if (position === undefined) return false;
    if (from === position) {
      this.#doubted = undefined;
      return true;
    }
    if (from !== this.#doubted) {
      this.#doubted = from;
      this.#options.seek(this.partition, position);
      return false;
    }
    const jump = { partition: this.partition, from: position, to: from };
    if (from < position)
      throw new Error(`the log of partition ${this.partition} was cut back from ${position} to ${from}`);
    this.#options.log.warn(jump, 'offsets were skipped that hold nothing to read');
    return true;
  }

  #isOver(share: number): boolean {
    const { messages, bytes, uncommittable } = this.#options.bounds;
    return (
      this.tracker.inFlight() > messages * share ||
      this.#bytes > bytes * share ||
      this.tracker.uncommittable() > uncommittable * share
    );
  }
}

function sizeOf({ key, value }: FetchedRecord): number {
  return 100 + (key?.length ?? 0) + (value?.length ?? 0);
}
