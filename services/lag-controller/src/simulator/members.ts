import { randomFrom } from './random.ts';

interface Replica {
  readonly name: string;
  readonly readyAt: number;
  handled: number;
  busySeconds: number;
}

/** The replicas that were asked for, those that have joined the group, and its rebalances. Times in seconds. */
export class Members {
  readonly joined: Replica[] = [];
  rebalances = 0;
  /** The group stands still until then. */
  pausedUntil = 0;
  #starting: Replica[] = [];
  #started = 0;
  readonly #random: () => number;
  readonly #startSeconds: number;
  readonly #rebalanceSeconds: number;

  constructor(
    replicas: number,
    { startSeconds, rebalanceSeconds, seed }: { startSeconds: number; rebalanceSeconds: number; seed: number },
  ) {
    this.#startSeconds = startSeconds;
    this.#rebalanceSeconds = rebalanceSeconds;
    // Apart from the arrivals' numbers, so that these stay the same whatever is scaled.
    this.#random = randomFrom(seed + 1_000_003);
    for (let count = 0; count < replicas; count += 1) this.joined.push(this.#newReplica(0));
  }

  /** Replicas that exist, joined or not. */
  get replicas(): number {
    return this.joined.length + this.#starting.length;
  }

  /** Asks for so many replicas. Those that have not joined go first, then the youngest; those that joined leave at once. */
  scale(replicas: number, now: number): void {
    while (this.replicas < replicas) {
      const delay = this.#startSeconds * (0.75 + 0.5 * this.#random());
      this.#starting.push(this.#newReplica(now + delay));
    }
    while (this.replicas > replicas && this.#starting.length > 0) this.#starting.pop();
    if (this.replicas > replicas) {
      this.joined.length = replicas;
      this.rebalance(now);
    }
  }

  /** Lets those join that have started. */
  join(now: number): void {
    const ready = this.#starting.filter(({ readyAt }) => readyAt <= now);
    if (ready.length === 0) return;
    this.#starting = this.#starting.filter(({ readyAt }) => readyAt > now);
    this.joined.push(...ready);
    this.rebalance(now);
  }

  /** The whole group stops, joins and starts again; a change on the way prolongs the rebalance that is going on. */
  rebalance(now: number): void {
    if (now >= this.pausedUntil) this.rebalances += 1;
    this.pausedUntil = now + this.#rebalanceSeconds;
  }

  #newReplica(readyAt: number): Replica {
    this.#started += 1;
    return { name: `replica-${this.#started}`, readyAt, handled: 0, busySeconds: 0 };
  }
}
