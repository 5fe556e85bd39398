import { setTimeout as sleep } from 'node:timers/promises';
import { asError, DomainError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { BatchLimit } from './batch-limit.ts';
import type { Claim, Entry, LeaseTerms, Outbox, OutboxStore } from './outbox.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import { SweepSchedule } from './sweep-schedule.ts';

/** One entry to deliver: the oldest unsent one of its document. */
export interface Parcel<E extends Entry> {
  readonly id: string;
  readonly entry: E;
}

/** `sent` only when the receiver has acknowledged it for good; otherwise the pause before this document is tried again. */
export type Delivery = 'sent' | { readonly retryAfterMs: number };

/**
 * Delivers one entry each of several documents and answers for each, in their order.
 * Throwing means that nothing is known of any of them: all are tried again. Nothing of it may reach a receiver that needs the
 * order later than `deliverTimeoutMs`; what else belongs to it, as writes to the database, may take longer and costs the lease.
 */
export type Deliver<E extends Entry> = (parcels: readonly Parcel<E>[]) => Promise<readonly Delivery[]>;

export interface RelayOptions<E extends Entry> {
  readonly store: OutboxStore<E>;
  readonly deliver: Deliver<E>;
  /** Unique per process: two relays with one name would take each other's leases for their own. */
  readonly owner: string;
  readonly leaseMs: number;
  /**
   * What `deliver` is trusted to need at most: a claim with less than this left of its lease, and what clocks may differ, is not
   * sent any more.
   */
  readonly deliverTimeoutMs: number;
  /** How often stragglers are looked for, entries whose writer died or could not deliver; more rarely while there are none. */
  readonly sweepMs: number;
  /** Most documents at once; fewer while their leases run out before they are settled. */
  readonly batchSize: number;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly metrics: RelayMetrics;
}

const maxPauseMs = 5_000;

/**
 * Sends what outboxes hold: at least once, and the entries of one document in their order.
 *
 * Only the oldest entry of a document is in flight; the next follows when it was acknowledged. As long as no relay
 * outlives its lease, an older entry never follows a newer one, however many relays there are. A process that is frozen
 * between the check of its lease and the write to its socket can break that; readers have the sequence to notice it by.
 */
export class Relay<E extends Entry> implements Outbox<E> {
  readonly #options: RelayOptions<E>;
  readonly #limit: BatchLimit;
  readonly #sweepTimes: SweepSchedule;
  readonly #stopping = new AbortController();
  /**
   * Claims with an entry to send, and such whose entry was sent. A document is in them once, except when its lease has run out
   * here: claimed again, it is there with the old epoch too, under which nothing is sent and nothing settled any more.
   */
  #ready: Claim<E>[] = [];
  #sent: Claim<E>[] = [];
  #failures = 0;
  #sweeps = 0;
  #woken = Promise.withResolvers<void>();
  #sending: Promise<void> | undefined;
  #settling: Promise<void> | undefined;

  constructor(options: RelayOptions<E>) {
    this.#options = options;
    this.#limit = new BatchLimit(options.batchSize);
    this.#sweepTimes = new SweepSchedule(options.sweepMs);
  }

  terms(): LeaseTerms | undefined {
    const full = this.#ready.length + this.#sent.length >= this.#limit.documents * 20;
    if (this.#stopping.signal.aborted || full || this.#failures > 0) return undefined;
    return this.#leaseFrom(this.#options.owner);
  }

  written(claim: Claim<E> | undefined): void {
    if (claim) {
      this.#ready.push(claim);
      this.#sweepTimes.busy();
    } else if (this.#failures > 0) return;
    else this.#sweepTimes.hurry();
    this.#woken.resolve();
  }

  /** Sends and settles until {@link stop}; settling one batch overlaps with sending the next. */
  start(): void {
    this.#sending = this.#sendUntilStopped();
  }

  /** Sends nothing new, waits for what is in flight, and frees what is still claimed for other relays. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#woken.resolve();
    await this.#sending;
    await this.#settling;
    await this.settleSent().catch((thrown) =>
      this.#options.log.warn({ err: thrown }, 'sent entries will be sent again'),
    );
    await this.#giveBack(this.#ready.splice(0), this.#options.clock());
  }

  /** Claims what is due and nobody holds. */
  async sweep(): Promise<void> {
    const { store, owner, clock } = this.#options;
    const limit = this.#limit.documents;
    this.#sweepTimes.begun(performance.now());
    this.#sweeps += 1;
    // A name of its own per sweep tells the claims of this sweep from a lease that a writer takes at the same moment.
    const claims = await store.claimDue(this.#leaseFrom(`${owner}#${this.#sweeps}`), clock(), limit);
    if (claims.some((claim) => !this.#mayStillSend(claim))) this.#limit.late();
    this.#ready.push(...claims);
    this.#sweepTimes.found(claims.length);
    if (claims.length === limit) this.#sweepTimes.hurry();
  }

  /** Delivers the oldest entry of as many claims as the limit allows. @throws what `deliver` throws, after giving the claims back. */
  async round(): Promise<void> {
    const taken = Map.groupBy(this.#ready.splice(0, this.#limit.documents), (claim) => this.#mayStillSend(claim));
    // Beside the delivery, not before it: the leases of what is sent must not grow shorter meanwhile.
    const freed = this.#giveBackLate(taken.get(false) ?? []);
    try {
      await this.#send(taken.get(true) ?? []);
    } finally {
      await freed;
    }
  }

  async #send(batch: readonly Claim<E>[]): Promise<void> {
    const { deliver, metrics, clock } = this.#options;
    if (batch.length === 0) return;
    const parcels = batch.map(({ id, entries }) => ({ id, entry: entries[0] as E }));
    let deliveries: readonly Delivery[];
    try {
      deliveries = await deliver(parcels);
    } catch (error) {
      await this.#giveBack([...batch, ...this.#ready.splice(0)], clock());
      throw error;
    }
    this.#failures = 0;
    const left = new Map<number, Claim<E>[]>();
    for (const [index, claim] of batch.entries()) {
      const delivery = deliveries[index] ?? { retryAfterMs: maxPauseMs };
      if (delivery === 'sent') this.#noteSent(claim);
      else left.set(delivery.retryAfterMs, [...(left.get(delivery.retryAfterMs) ?? []), claim]);
    }
    for (const [retryAfterMs, claims] of left) await this.#giveBack(claims, new Date(clock().getTime() + retryAfterMs));
    metrics.delivered(deliveries.filter((delivery) => delivery === 'sent').length);
  }

  /** Removes from the documents what was sent; only then the next entry of a document follows, under the same lease. */
  async settleSent(): Promise<void> {
    const { store, metrics } = this.#options;
    const claims = this.#sent.splice(0);
    if (claims.length === 0) return;
    try {
      const { remaining, fenced } = await store.settle(claims);
      metrics.fenced(fenced);
      this.#adapt(claims, fenced);
      this.#ready.push(...remaining);
      if (remaining.length > 0) this.#woken.resolve();
    } catch (error) {
      // Sent, but not noted: they are kept until their lease ends, and after that whoever claims them sends them again.
      this.#sent.push(...claims.filter((claim) => claim.until > this.#options.clock()));
      throw error;
    }
  }

  /** In time is what leaves a quarter of the lease; between that and late nothing changes. */
  #adapt(claims: readonly Claim<E>[], fenced: number): void {
    const leftMs = Math.min(...claims.map(({ until }) => until.getTime())) - this.#options.clock().getTime();
    if (fenced > 0 || leftMs <= 0) this.#limit.late();
    else if (leftMs > this.#options.leaseMs / 4) this.#limit.inTime();
  }

  #leaseFrom(owner: string): LeaseTerms {
    return { owner, until: new Date(this.#options.clock().getTime() + this.#options.leaseMs) };
  }

  #mayStillSend({ until }: Claim<E>): boolean {
    const { clock, deliverTimeoutMs } = this.#options;
    return until.getTime() - clock().getTime() >= deliverTimeoutMs + clockSkewMs(this.#options);
  }

  #noteSent(claim: Claim<E>): void {
    this.#sent.push(claim);
    if (claim.entries.length === 1)
      this.#options.metrics.published(this.#options.clock().getTime() - claim.since.getTime());
  }

  /** A release that fails costs time, not entries: the lease runs out by itself. */
  async #giveBack(claims: readonly Claim<E>[], notBefore: Date): Promise<void> {
    await this.#options.store
      .release(claims, notBefore)
      .catch((thrown) => this.#options.log.warn({ err: thrown }, 'leases could not be freed, they will run out'));
  }

  /**
   * Their leases became too short while something else was waited for, as one slow delivery: held until they end, they would
   * keep any relay from sending. Whoever has taken over already is not touched.
   */
  async #giveBackLate(claims: readonly Claim<E>[]): Promise<void> {
    if (claims.length === 0) return;
    await this.#giveBack(claims, this.#options.clock());
    this.#sweepTimes.hurry();
  }

  async #sendUntilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (performance.now() >= this.#sweepTimes.dueAtMs && this.#ready.length < this.#limit.documents) {
          await this.sweep();
          // Nothing waits that could fail again: writers may lease to us, and wake us.
          if (this.#ready.length === 0) this.#failures = 0;
        }
        await this.round();
        this.#settleMeanwhile();
        await this.#waitForWork();
      } catch (thrown) {
        await this.#pauseAfter(asError(thrown));
      }
    }
  }

  #settleMeanwhile(): void {
    this.#settling ??= this.settleSent()
      .catch((thrown) => this.#pauseAfter(asError(thrown)))
      .finally(() => {
        this.#settling = undefined;
        if (this.#sent.length > 0 && !this.#stopping.signal.aborted) this.#settleMeanwhile();
      });
  }

  async #waitForWork(): Promise<void> {
    if (this.#ready.length > 0) return;
    const waitMs = Math.max(this.#sweepTimes.dueAtMs - performance.now(), 0);
    const timer = setTimeout(this.#woken.resolve, waitMs);
    await this.#woken.promise;
    clearTimeout(timer);
    this.#woken = Promise.withResolvers<void>();
  }

  async #pauseAfter(error: Error): Promise<void> {
    const { log, metrics } = this.#options;
    this.#failures += 1;
    const pauseMs = Math.min(250 * 2 ** (this.#failures - 1), maxPauseMs);
    metrics.failed(error instanceof DomainError ? error.code : 'internal-error');
    log.warn({ err: error, failures: this.#failures, pauseMs }, 'outbox relay pauses');
    this.#sweepTimes.hurry();
    await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

/** By whose clock a lease ends is not known: another relay's may be ahead. Most of what a lease has beyond one delivery is for work. */
function clockSkewMs({ leaseMs, deliverTimeoutMs }: Pick<RelayOptions<Entry>, 'leaseMs' | 'deliverTimeoutMs'>): number {
  return Math.min(2_000, leaseMs / 8, (leaseMs - deliverTimeoutMs) / 4);
}
