import { fairShares } from './fair-shares.ts';
import { Members } from './members.ts';
import { Queue } from './queue.ts';
import type { World } from './world.ts';

/**
 * A consumer group as kafkajs runs one: partition p belongs to member p mod N, and every change of membership stops all of
 * them. Time goes in steps of a second; within one, messages flow.
 */
export class ConsumerGroup {
  members: Members;
  queues: readonly Queue[];
  /** By partition. */
  readonly committed: Float64Array;
  readonly #world: World;
  readonly #commitAt: Float64Array;
  readonly #available: Float64Array;
  #stoppedFor = 0;

  constructor(world: World, replicas: number) {
    this.#world = world;
    this.members = new Members(replicas, { ...world.scenario, seed: world.seed });
    this.queues = world.arrived.map((curve) => new Queue(curve));
    this.committed = new Float64Array(world.partitions);
    this.#available = new Float64Array(world.partitions);
    const { commitSeconds } = world.scenario;
    this.#commitAt = Float64Array.from(this.queues, (_, index) => ((index * 0.618) % 1) * commitSeconds);
  }

  /** The same group, which can go on in another way. */
  fork(): ConsumerGroup {
    const other = new ConsumerGroup(this.#world, 0);
    other.members = this.members.fork();
    other.queues = this.queues.map((queue) => queue.fork());
    other.committed.set(this.committed);
    other.#commitAt.set(this.#commitAt);
    other.#stoppedFor = this.#stoppedFor;
    return other;
  }

  /** Lives through the second that begins now. */
  step(second: number): void {
    const count = this.#count(second);
    this.#befall(second);
    this.members.join(second);
    if (second > 0 && count !== this.#count(second - 1)) this.members.rebalance(second);
    this.#commitBeforeRebalance(count);
    const awakeSeconds = Math.min(1, Math.max(0, second + 1 - this.members.standstills.until));
    if (awakeSeconds > 0 && !this.#world.away[second]) {
      this.#work(second, count, awakeSeconds);
      this.#commit(second, count);
    }
  }

  #befall(second: number): void {
    const { events } = this.#world.scenario;
    if (events === undefined) return;
    for (const event of events) {
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
    const granted = fairShares(wanted, (downstream[second] ?? Number.POSITIVE_INFINITY) * awakeSeconds);
    for (let owner = 0; owner < joined.length; owner += 1) {
      const replica = joined[owner];
      const budget = granted[owner] as number;
      if (!replica || budget <= 0) continue;
      const isHeld = budget < (wanted[owner] as number);
      // Whoever has less to do than they can does all of it.
      if (isHeld || budget === capacity) this.#share(owner, count, budget);
      else this.#takeAll(owner, count);
      replica.handled += budget;
      replica.busySeconds += isHeld ? awakeSeconds : (awakeSeconds * budget) / capacity;
    }
  }

  /** By member, what each could do in this second; one that has died does nothing. */
  #wanted(second: number, count: number, capacity: number): readonly number[] {
    const { joined } = this.members;
    const { blocked } = this.#world;
    const wanted: number[] = new Array(joined.length).fill(0);
    let owner = 0;
    for (let partition = 0; partition < count; partition += 1) {
      const isBlocked = blocked[partition]?.[second] === 1;
      const messages = isBlocked ? 0 : (this.queues[partition]?.waitingAt(second + 1) ?? 0);
      this.#available[partition] = messages;
      if (joined[owner]?.missedUntil === undefined) wanted[owner] = Math.min(capacity, (wanted[owner] ?? 0) + messages);
      owner = owner + 1 === joined.length ? 0 : owner + 1;
    }
    return wanted;
  }

  #takeAll(owner: number, count: number): void {
    const members = this.members.joined.length;
    for (let partition = owner; partition < count; partition += members) {
      const queue = this.queues[partition];
      if (queue) queue.consumed += this.#available[partition] ?? 0;
    }
  }

  /** A member that can't do all that waits works on its partitions evenly. */
  #share(owner: number, count: number, budget: number): void {
    const members = this.members.joined.length;
    const own: number[] = [];
    for (let partition = owner; partition < count; partition += members) own.push(this.#available[partition] ?? 0);
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
      this.committed[partition] = this.queues[partition]?.consumed ?? 0;
      this.#commitAt[partition] = Math.max(due + commitSeconds, second + 1);
    }
  }

  #commitBeforeRebalance(count: number): void {
    if (this.members.rebalances === this.#stoppedFor) return;
    this.#stoppedFor = this.members.rebalances;
    for (let partition = 0; partition < count; partition += 1)
      this.committed[partition] = this.queues[partition]?.consumed ?? 0;
  }
}
