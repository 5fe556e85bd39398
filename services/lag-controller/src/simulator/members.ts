import { randomFrom } from './random.ts';
import { newReplica, type Replica } from './replica.ts';
import type { Scenario } from './scenario.ts';
import { Standstills } from './standstill.ts';

type Options = Pick<Scenario, 'startSeconds' | 'rebalanceSeconds'> & { readonly seed: number };

/** Of the replicas, rounded up: so many more than are asked for there may be while a new version is rolled out. */
const surgeShare = 0.25;

/** The replicas that were asked for, those that have joined, and the group's rebalances. Times in seconds. */
export class Members {
  /** In the order of joining; partitions are dealt to all of them, those that have died too. */
  joined: Replica[] = [];
  standstills = new Standstills();
  /** What was asked for. */
  desired: number;
  #starting: Replica[] = [];
  #started = 0;
  #version = 1;
  #missed = 0;
  #drawn = 0;
  readonly #random: () => number;
  readonly #options: Options;

  constructor(replicas: number, options: Options) {
    this.#options = options;
    this.desired = replicas;
    // Apart from the arrivals' numbers, so that these stay the same whatever is scaled.
    this.#random = randomFrom(options.seed + 1_000_003);
    for (let count = 0; count < replicas; count += 1) this.joined.push(this.#newReplica(0));
  }

  /** The same members, who can go on in another way. */
  fork(): Members {
    const other = new Members(0, this.#options);
    for (; other.#drawn < this.#drawn; other.#drawn += 1) other.#random();
    other.joined = this.joined.map((replica) => ({ ...replica }));
    Object.assign(other, { standstills: this.standstills.fork(), desired: this.desired });
    other.#starting = this.#starting.map((replica) => ({ ...replica }));
    other.#started = this.#started;
    other.#version = this.#version;
    other.#missed = this.#missed;
    return other;
  }

  /** Replicas that exist, joined or not. */
  get replicas(): number {
    return this.alive.length + this.#starting.length;
  }

  /** Those that have joined and work. */
  get alive(): readonly Replica[] {
    return this.#missed === 0 ? this.joined : this.joined.filter(({ missedUntil }) => missedUntil === undefined);
  }

  get rebalances(): number {
    return this.standstills.count;
  }

  get isRollingOut(): boolean {
    return this.#surging > 0 || this.alive.some(({ version }) => version < this.#version);
  }

  /** Asks for so many replicas. Those that have not joined go first, then the youngest; those that joined leave at once. */
  scale(replicas: number, now: number): void {
    this.desired = replicas;
    while (this.replicas - this.#surging < replicas) this.#starting.push(this.#newReplica(this.#readyAfter(now)));
    while (this.replicas - this.#surging > replicas) {
      const unneeded = this.#starting.findLastIndex(({ isSurge }) => !isSurge);
      if (unneeded === -1) break;
      this.#starting.splice(unneeded, 1);
    }
    this.#removeYoungest(this.replicas - this.#surging - replicas, now);
  }

  /** A new version: replicas of the old one leave as new ones join, a few at a time. */
  rollOut(now: number): void {
    this.#version += 1;
    this.#surge(now);
  }

  /** The youngest dies without leaving the group, which misses it only after `sessionSeconds`; another one starts for it at once. */
  lose(now: number, sessionSeconds: number): void {
    const lost = this.alive.at(-1);
    if (lost === undefined) return;
    lost.missedUntil = now + sessionSeconds;
    this.#missed += 1;
    this.#starting.push(this.#newReplica(this.#readyAfter(now)));
  }

  /** Lets those join that have started, and drops those that the group has given up on. */
  join(now: number): void {
    if (this.#starting.length + this.#missed === 0) return;
    const given = this.joined.filter(({ missedUntil = Infinity }) => missedUntil <= now);
    for (const replica of given) this.#remove(replica);
    this.#missed -= given.length;
    const ready = this.#starting.filter(({ readyAt }) => readyAt <= now);
    this.#starting = this.#starting.filter(({ readyAt }) => readyAt > now);
    this.joined.push(...ready);
    for (const replica of ready) if (replica.isSurge) this.#retireOne();
    if (given.length + ready.length === 0) return;
    this.rebalance(now);
    this.#surge(now);
  }

  /** All stand still, at least until the group has given up on those that died; a change on the way prolongs it. */
  rebalance(now: number): void {
    const complete = Math.max(now, ...this.joined.map(({ missedUntil = now }) => missedUntil));
    this.standstills.hold(now, complete + this.#options.rebalanceSeconds);
  }

  get #surging(): number {
    return this.#starting.filter(({ isSurge }) => isSurge).length;
  }

  #surge(now: number): void {
    const old = this.alive.filter(({ version }) => version < this.#version).length;
    const most = Math.min(old, Math.ceil(surgeShare * this.desired));
    while (this.#surging < most) this.#starting.push(this.#newReplica(this.#readyAfter(now), true));
  }

  /** One of the old version leaves for one that has joined; the youngest, where none is left. */
  #retireOne(): void {
    const old = this.alive.find(({ version }) => version < this.#version) ?? this.alive.at(-1);
    if (old) this.#remove(old);
  }

  #removeYoungest(count: number, now: number): void {
    if (count <= 0) return;
    for (const replica of this.alive.slice(-count)) this.#remove(replica);
    this.rebalance(now);
  }

  #remove(replica: Replica): void {
    this.joined.splice(this.joined.indexOf(replica), 1);
  }

  #readyAfter(now: number): number {
    this.#drawn += 1;
    return now + this.#options.startSeconds * (0.75 + 0.5 * this.#random());
  }

  #newReplica(readyAt: number, isSurge = false): Replica {
    this.#started += 1;
    return newReplica(this.#started, { readyAt, version: this.#version, isSurge });
  }
}
