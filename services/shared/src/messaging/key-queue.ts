import type { WhileWaiting } from './gate.ts';

/** Must not reject. Gives its slot to others with `whileWaiting`, for pauses of unknown length. */
export type Job = (whileWaiting: WhileWaiting) => Promise<void>;

interface Entry {
  /** Its place among all that came. */
  readonly number: number;
  readonly lane: LaneState;
  readonly key: string | undefined;
  readonly job: Job;
}

interface LaneState {
  /** What could start now, in the order it came: at most one entry of a key. */
  readonly ready: Entry[];
  slots: number;
  /** How many may start: any number, unless the lane is held. */
  startable: number;
}

/** The jobs of one partition, for as long as it is assigned to us. */
export interface Lane {
  /** A job without a key waits for no other: whoever sends without a key asks for no order. */
  readonly add: (key: string | undefined, job: Job) => void;
  /** Starts nothing new until `release`, except by `startOne`. */
  readonly hold: () => void;
  /** Starts one job of a held lane, as soon as there is a slot for it; false when none could start. */
  readonly startOne: () => boolean;
  readonly release: () => void;
  /** Forgets every job that has not started; those that have go on, and keep their keys until they end. */
  readonly close: () => void;
}

/**
 * Runs jobs of one key one at a time in the order they came, and up to `concurrency` jobs of different keys at once.
 *
 * The order of a key holds over all lanes: when a partition comes back to us after a rebalance and a message is
 * delivered again, it waits for the one that is still running. Lanes take turns. While there are several, one of them has
 * at most half of the slots, so that a partition whose messages are slow does not stop the others.
 */
export class KeyQueue {
  readonly #concurrency: number;
  /** Whoever started last is last. */
  readonly #lanes = new Set<LaneState>();
  /** Keys that are running or ready, with what waits behind them. */
  readonly #behind = new Map<string, Entry[]>();
  readonly #returning: { lane: LaneState; resume: () => void }[] = [];
  #slots = 0;
  #added = 0;
  #started = 0;
  #idle = Promise.withResolvers<void>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Resolves when no job is started and unfinished. */
  async idle(): Promise<void> {
    if (this.#started > 0) await this.#idle.promise;
  }

  lane(): Lane {
    const lane: LaneState = { ready: [], slots: 0, startable: Number.POSITIVE_INFINITY };
    this.#lanes.add(lane);
    return {
      add: (key, job) => this.#add({ number: this.#added++, lane, key, job }),
      hold: () => {
        lane.startable = 0;
      },
      startOne: () => {
        if (lane.ready.length === 0) return false;
        lane.startable = 1;
        this.#pump();
        return true;
      },
      release: () => {
        lane.startable = Number.POSITIVE_INFINITY;
        this.#pump();
      },
      close: () => this.#close(lane),
    };
  }

  #add(entry: Entry): void {
    const behind = entry.key === undefined ? undefined : this.#behind.get(entry.key);
    if (behind) {
      behind.push(entry);
      return;
    }
    if (entry.key !== undefined) this.#behind.set(entry.key, []);
    entry.lane.ready.push(entry);
    this.#pump();
  }

  #close(lane: LaneState): void {
    this.#lanes.delete(lane);
    for (const [key, entries] of this.#behind) {
      if (entries.length > 0)
        this.#behind.set(
          key,
          entries.filter((entry) => entry.lane !== lane),
        );
    }
    for (const { key } of lane.ready.splice(0)) this.#advance(key);
    this.#pump();
  }

  /**
   * The first of a key is done with: the next one may start when everything that came before it has. Going first, it
   * would keep other keys waiting for as long as its own key has messages, and nothing behind those could be committed.
   */
  #advance(key: string | undefined): void {
    if (key === undefined) return;
    const next = this.#behind.get(key)?.shift();
    if (next) insert(next.lane.ready, next);
    else this.#behind.delete(key);
  }

  #pump(): void {
    while (this.#slots < this.#concurrency) {
      const most = this.#lanes.size > 1 ? Math.ceil(this.#concurrency / 2) : this.#concurrency;
      const place = this.#returning.findIndex(({ lane }) => lane.slots < most);
      const returning = place === -1 ? undefined : this.#returning.splice(place, 1)[0];
      if (returning) {
        this.#take(returning.lane);
        returning.resume();
        continue;
      }
      const lane = this.#nextLane(most);
      const entry = lane?.ready.shift();
      if (lane === undefined || entry === undefined) return;
      lane.startable -= 1;
      this.#lanes.delete(lane);
      this.#lanes.add(lane);
      this.#start(entry);
    }
  }

  /**
   * Among the lanes that have something to start, the one with the fewest slots, and of those the one that has waited
   * longest: a partition that is always ready would else keep those behind it waiting for as long as it has messages.
   */
  #nextLane(most: number): LaneState | undefined {
    let best: LaneState | undefined;
    for (const lane of this.#lanes) {
      if (lane.startable === 0 || lane.ready.length === 0 || lane.slots >= most) continue;
      if (best === undefined || lane.slots < best.slots) best = lane;
    }
    return best;
  }

  #start({ lane, key, job }: Entry): void {
    this.#take(lane);
    this.#started += 1;
    const whileWaiting: WhileWaiting = async (wait) => {
      this.#free(lane);
      this.#pump();
      try {
        return await wait();
      } finally {
        await new Promise<void>((resume) => {
          this.#returning.push({ lane, resume });
          this.#pump();
        });
      }
    };
    void job(whileWaiting).finally(() => {
      this.#free(lane);
      this.#started -= 1;
      this.#advance(key);
      this.#pump();
      if (this.#started === 0) {
        this.#idle.resolve();
        this.#idle = Promise.withResolvers();
      }
    });
  }

  #take(lane: LaneState): void {
    this.#slots += 1;
    lane.slots += 1;
  }

  #free(lane: LaneState): void {
    this.#slots -= 1;
    lane.slots -= 1;
  }
}

function insert(ready: Entry[], entry: Entry): void {
  const younger = ready.findIndex(({ number }) => number > entry.number);
  ready.splice(younger === -1 ? ready.length : younger, 0, entry);
}
