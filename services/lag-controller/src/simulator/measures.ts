import type { Queue } from './queue.ts';
import type { World } from './world.ts';

export interface Measured {
  /** Seconds in which a partition had a message older than the objective that replicas could have prevented. */
  readonly violationSeconds: number;
  /** Of all messages consumed, by their age then; partitions with a poison message left out. */
  readonly p99AgeSeconds: number;
  readonly replicaSeconds: number;
  readonly rebalances: number;
  /** The longest stretch in which the oldest message that could be helped was older than a third of the objective. */
  readonly drainSeconds: number;
}

/** A consumer group, simulated or real. */
export interface Watched {
  /** By partition. */
  readonly queues: readonly Queue[];
  readonly members: { readonly replicas: number; readonly rebalances: number };
}

const binsPerSecond = 4;

/** Watches a group second by second. */
export class Measures {
  #violationSeconds = 0;
  #replicaSeconds = 0;
  #behindSeconds = 0;
  #drainSeconds = 0;
  readonly #world: World;
  readonly #ages: Float64Array;
  readonly #consumed: Float64Array;
  readonly #oldest: Float64Array;

  constructor(world: World) {
    this.#world = world;
    this.#ages = new Float64Array((world.seconds + 2) * binsPerSecond);
    this.#consumed = new Float64Array(world.partitions);
    this.#oldest = new Float64Array(world.partitions);
  }

  fork(): Measures {
    const measures = new Measures(this.#world);
    measures.#violationSeconds = this.#violationSeconds;
    measures.#replicaSeconds = this.#replicaSeconds;
    measures.#behindSeconds = this.#behindSeconds;
    measures.#drainSeconds = this.#drainSeconds;
    measures.#ages.set(this.#ages);
    measures.#consumed.set(this.#consumed);
    measures.#oldest.set(this.#oldest);
    return measures;
  }

  get violationSeconds(): number {
    return this.#violationSeconds;
  }

  /** To be called after the second was lived through. */
  note(group: Watched, second: number): void {
    const count = this.#world.partitionCount[second] ?? 0;
    const { sloSeconds } = this.#world.scenario;
    let worstSeconds = 0;
    for (let partition = 0; partition < count; partition += 1) {
      const ageSeconds = this.#notePartition(group, partition, second);
      if (!this.#world.unfixable[partition]?.[second]) worstSeconds = Math.max(worstSeconds, ageSeconds);
    }
    if (worstSeconds > sloSeconds) this.#violationSeconds += 1;
    this.#behindSeconds = worstSeconds > sloSeconds / 3 ? this.#behindSeconds + 1 : 0;
    this.#drainSeconds = Math.max(this.#drainSeconds, this.#behindSeconds);
    this.#replicaSeconds += group.members.replicas;
  }

  #notePartition(group: Watched, partition: number, second: number): number {
    const queue = group.queues[partition];
    if (!queue) return 0;
    const oldest = queue.oldestArrival(second + 1);
    const ageSeconds = second + 1 - oldest;
    const messages = queue.consumed - (this.#consumed[partition] ?? 0);
    if (messages > 0) {
      this.#consumed[partition] = queue.consumed;
      // The first of them was the oldest when the second began, the last one is where the oldest is now.
      const meanAge = Math.max(0, (second - (this.#oldest[partition] ?? 0) + ageSeconds) / 2);
      const bin = Math.floor(meanAge * binsPerSecond);
      if (!this.#world.poisoned.has(partition)) this.#ages[bin] = (this.#ages[bin] ?? 0) + messages;
    }
    this.#oldest[partition] = oldest;
    return ageSeconds;
  }

  result(group: Watched): Measured {
    return {
      violationSeconds: this.#violationSeconds,
      p99AgeSeconds: quantile(this.#ages, 0.99) / binsPerSecond,
      replicaSeconds: this.#replicaSeconds,
      rebalances: group.members.rebalances,
      drainSeconds: this.#drainSeconds,
    };
  }
}

function quantile(bins: Float64Array, part: number): number {
  let total = 0;
  for (const count of bins) total += count;
  let left = total * part;
  for (let bin = 0; bin < bins.length; bin += 1) {
    const count = bins[bin] ?? 0;
    left -= count;
    if (count > 0 && left <= 0) return bin;
  }
  return 0;
}
