import type { Observation } from '../observation.ts';
import { fairShares } from './fair-shares.ts';
import { Members } from './members.ts';
import { Queue } from './queue.ts';
import type { World } from './world.ts';

/**
 * A consumer group as kafkajs runs one: partition p belongs to member p mod N, and every change of membership stops all of
 * them. Time goes in steps of a second; within one, messages flow.
 */
export class ConsumerGroup {
  readonly members: Members;
  readonly queues: readonly Queue[];
  readonly #world: World;
  readonly #committed: Float64Array;
  readonly #commitAt: Float64Array;
  readonly #available: Float64Array;
  readonly #own: Float64Array;
  #stoppedFor = 0;

  constructor(world: World, replicas: number) {
    this.#world = world;
    this.members = new Members(replicas, { ...world.scenario, seed: world.seed });
    this.queues = world.arrived.map((curve) => new Queue(curve));
    this.#committed = new Float64Array(world.partitions);
    this.#available = new Float64Array(world.partitions);
    this.#own = new Float64Array(world.partitions);
    const { commitSeconds } = world.scenario;
    this.#commitAt = Float64Array.from(this.queues, (_, index) => ((index * 0.618) % 1) * commitSeconds);
  }

  /** Lives through the second that begins now. */
  step(second: number): void {
    const count = this.#count(second);
    this.#befall(second);
    this.members.join(second);
    if (second > 0 && count !== this.#count(second - 1)) this.members.rebalance(second);
    this.#commitBeforeRebalance(count);
    const awakeSeconds = Math.min(1, Math.max(0, second + 1 - this.members.pausedUntil));
    if (awakeSeconds > 0 && !this.#world.away[second]) {
      this.#work(second, count, awakeSeconds);
      this.#commit(second, count);
    }
  }

  #befall(second: number): void {
    for (const event of this.#world.scenario.events ?? []) {
      if (Math.floor(event.at) !== second) continue;
      if (event.kind === 'rolling-update') this.members.rollOut(second);
      if (event.kind === 'lost-replica') this.members.lose(second, event.sessionSeconds);
    }
  }

  #count(second: number): number {
    return this.#world.partitionCount[second] ?? this.#world.partitions;
  }

  #work(second: number, count: number, awakeSeconds: number): void {
    const { joined } = this.members;
    const { scenario, speed, downstream } = this.#world;
    const capacity = scenario.messagesPerSecondPerReplica * (speed[second] ?? 1) * awakeSeconds;
    const wanted = this.#wanted(second, count, capacity);
    const cap = (downstream[second] ?? Number.POSITIVE_INFINITY) * awakeSeconds;
    const granted = fairShares(wanted, cap);
    for (let owner = 0; owner < joined.length; owner += 1) {
      const replica = joined[owner];
      const budget = granted[owner] ?? 0;
      if (!replica || budget <= 0) continue;
      this.#take(owner, count, budget);
      const held = budget < (wanted[owner] ?? 0);
      replica.handled += budget;
      replica.busySeconds += held ? awakeSeconds : (awakeSeconds * budget) / capacity;
    }
  }

  /** What each member could do in this second; one that has died does nothing. */
  #wanted(second: number, count: number, capacity: number): Float64Array {
    const { joined } = this.members;
    const wanted = new Float64Array(joined.length);
    for (let partition = 0; partition < count; partition += 1) {
      const messages = this.#availableOf(partition, second);
      this.#available[partition] = messages;
      const owner = partition % joined.length;
      if (joined[owner]?.missedUntil === undefined) wanted[owner] = Math.min(capacity, (wanted[owner] ?? 0) + messages);
    }
    return wanted;
  }

  #availableOf(partition: number, second: number): number {
    const { blocked } = this.#world;
    return blocked[partition]?.[second] ? 0 : (this.queues[partition]?.waitingAt(second + 1) ?? 0);
  }

  #take(owner: number, count: number, budget: number): void {
    const members = this.members.joined.length;
    const own = this.#own.subarray(0, Math.max(0, Math.ceil((count - owner) / members)));
    for (let index = 0; index < own.length; index += 1) own[index] = this.#available[owner + index * members] ?? 0;
    const shares = fairShares(own, budget);
    for (let index = 0; index < shares.length; index += 1) {
      const queue = this.queues[owner + index * members];
      if (queue) queue.consumed += shares[index] ?? 0;
    }
  }

  #commit(second: number, count: number): void {
    const { commitSeconds } = this.#world.scenario;
    for (let partition = 0; partition < count; partition += 1) {
      const due = this.#commitAt[partition] ?? 0;
      if (due > second + 1) continue;
      this.#committed[partition] = this.queues[partition]?.consumed ?? 0;
      this.#commitAt[partition] = Math.max(due + commitSeconds, second + 1);
    }
  }

  #commitBeforeRebalance(count: number): void {
    if (this.members.rebalances === this.#stoppedFor) return;
    this.#stoppedFor = this.members.rebalances;
    for (let partition = 0; partition < count; partition += 1)
      this.#committed[partition] = this.queues[partition]?.consumed ?? 0;
  }

  /** What somebody sees who asks now: committed offsets only, and nothing of Kafka while it is away. */
  observe(second: number): Observation {
    const { joined, alive, desired, replicas, pausedUntil, isRollingOut } = this.members;
    const target = { desired, current: replicas, ready: alive.length, rollingOut: isRollingOut };
    const atMs = second * 1_000;
    if (this.#world.away[second]) return { atMs, target };
    const partitions = Array.from({ length: this.#count(second) }, (_, partition) => ({
      partition,
      ...(this.#world.leaderless[partition]?.[second]
        ? {}
        : { high: this.queues[partition]?.arrivedBy(second) ?? 0, low: 0 }),
      committed: Math.floor(this.#committed[partition] ?? 0),
    }));
    return {
      atMs,
      partitions,
      group: { state: second < pausedUntil ? 'PreparingRebalance' : 'Stable', members: joined.length },
      target,
      work: alive.map(({ name, handled, busySeconds }) => ({
        replica: name,
        handled: Math.floor(handled),
        busySeconds,
        concurrency: 1,
      })),
    };
  }
}
