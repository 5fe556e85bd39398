/**
 * The outbox lives inside the document it speaks of: a change and its news are one write, and the unit that is claimed
 * is the unit whose order matters. No transaction, no second collection, no change stream.
 */
export interface Entry {
  /** The document's version after the change this entry tells of: 1, 2, … without gaps. */
  readonly seq: number;
}

/** Who may send a document's entries, and until when. Every claim raises `epoch`; what an older epoch writes does not count. */
export interface Lease {
  readonly owner: string;
  readonly until: Date;
  readonly epoch: number;
}

/** What a document with an outbox holds besides its own members. */
export interface OutboxPart<E extends Entry> {
  /** Raised by one with every entry, and by nothing else. */
  readonly version: number;
  readonly outbox: readonly E[];
  /** When the oldest unsent entry was written; absent when all are sent, so that a partial index holds only what is due. */
  readonly outboxSince?: Date;
  readonly lease: Lease;
}

/** The right to send the entries of one document, oldest first, until `until`. */
export interface Claim<E extends Entry> {
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
  readonly entries: readonly E[];
  readonly since: Date;
  readonly until: Date;
}

/** Owner and end of a lease that is about to be taken. */
export type LeaseTerms = Pick<Lease, 'owner' | 'until'>;

const noOne = '';
const never = new Date(0);

/** A lease that anyone may take; keeps the epoch. */
export function freeLease(epoch: number): Lease {
  return { owner: noOne, until: never, epoch };
}

/**
 * The outbox of a new document. With `terms` it is born leased to the writer's own relay, which saves the write that
 * would claim it; without, the sweep of any relay finds it.
 */
export function newOutbox<E extends Entry>(entry: E, now: Date, terms?: LeaseTerms): OutboxPart<E> {
  return {
    version: entry.seq,
    outbox: [entry],
    outboxSince: now,
    lease: terms ? { ...terms, epoch: 1 } : freeLease(0),
  };
}

/** The claim that the present lease of a document gives its holder. */
export function claimOf<E extends Entry>(id: string, part: OutboxPart<E>): Claim<E> {
  const { version, outbox, outboxSince, lease } = part;
  return { id, version, entries: outbox, since: outboxSince ?? lease.until, epoch: lease.epoch, until: lease.until };
}

/** The relay as the writers see it. */
export interface Outbox<E extends Entry> {
  /**
   * The terms under which a writer may lease a document to this relay with the write that adds the entry; `undefined`
   * while the entry would only wait here, because the receiver is down or too much is waiting.
   */
  readonly terms: () => LeaseTerms | undefined;
  /** An entry was written: with the claim it is sent, without one it is looked for now rather than at the next sweep. */
  readonly written: (claim: Claim<E> | undefined) => void;
}

/** What a relay needs of the collection. Every method is safe to repeat and safe against other relays. */
export interface OutboxStore<E extends Entry> {
  /** Claims up to `limit` documents that have entries and no living lease at `now`, longest waiting first. */
  readonly claimDue: (terms: LeaseTerms, now: Date, limit: number) => Promise<Claim<E>[]>;
  /**
   * Removes the oldest entry of each claim, which was sent, and frees the lease. Where entries are left, because there
   * were several or a newer one was added meanwhile, the lease stays and the claim comes back with them.
   * A claim that somebody else has taken over is left alone, and counted as fenced while its entry still waits: that will be sent
   * again. Where the other has settled the entry, nothing is to be done and nothing counted.
   */
  readonly settle: (claims: readonly Claim<E>[]) => Promise<{ remaining: Claim<E>[]; fenced: number }>;
  /** Gives claims back unsent, to be claimed again from `notBefore` on. */
  readonly release: (claims: readonly Claim<E>[], notBefore: Date) => Promise<void>;
  readonly backlog: () => Promise<{ documents: number; oldest: Date | undefined }>;
}
