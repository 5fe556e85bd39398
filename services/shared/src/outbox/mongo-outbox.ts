import { type Collection, Types } from 'mongoose';
import type { Claim, Entry, LeaseTerms, OutboxPart, OutboxStore } from './outbox.ts';
import { claimOf, freeLease } from './outbox.ts';

/** The members of {@link OutboxPart} in a mongoose schema definition; entries are written by us alone and not cast. */
export const outboxFields = {
  version: { type: Number, required: true },
  outbox: { type: [], required: true },
  outboxSince: Date,
  lease: {
    owner: { type: String, default: '' },
    until: { type: Date, required: true },
    epoch: { type: Number, required: true },
  },
} as const;

/** Holds only documents with something to send, so a sweep costs nothing when all is sent. */
export const outboxIndex = [
  { outboxSince: 1, 'lease.until': 1 },
  { partialFilterExpression: { outboxSince: { $exists: true } }, name: 'outbox_due' },
] as const;

const mostCounted = 10_000;

/** A document as it was read. */
export type OutboxDocument<E extends Entry> = OutboxPart<E> & { readonly _id: Types.ObjectId };

const claimOfStored = <E extends Entry>(document: OutboxDocument<E>) => claimOf(document._id.toHexString(), document);

interface Append<E extends Entry> {
  /** The change itself, as members to set. */
  readonly set: object;
  readonly entry: E;
  readonly now: Date;
  /** Takes the lease under these terms if nobody holds it, so that the writer's own relay may send at once. */
  readonly terms: LeaseTerms | undefined;
}

/**
 * Changes a document and adds the news of it to its outbox: one compare-and-set on the version that was read.
 * `undefined` when the document is no longer as it was read; else the claim, where the lease was taken.
 */
export async function appendEntry<E extends Entry>(
  collection: Collection,
  document: OutboxDocument<E>,
  { set, entry, now, terms }: Append<E>,
): Promise<{ claim: Claim<E> | undefined } | undefined> {
  const { _id, version, lease: present } = document;
  const lease = terms && present.until <= now ? { ...terms, epoch: present.epoch + 1 } : undefined;
  const { matchedCount } = await collection.updateOne(
    { _id, version, ...(lease && { 'lease.epoch': present.epoch }) },
    {
      $set: { ...set, version: entry.seq, ...(lease && { lease }) },
      $push: { outbox: entry },
      // Not $set: since the read a relay may have emptied the outbox, or an older entry may still wait.
      $min: { outboxSince: now },
    } as object,
  );
  if (matchedCount === 0) return undefined;
  if (!lease) return { claim: undefined };
  const changed = { ...document, version: entry.seq, outbox: [...document.outbox, entry], lease };
  return { claim: claimOfStored({ ...changed, outboxSince: document.outboxSince ?? now }) };
}

const idOf = ({ id }: { id: string }) => new Types.ObjectId(id);

/** What can be settled by one update, as most of a batch can: claims that are alike but for their document. */
function groups<E extends Entry>(
  claims: readonly Claim<E>[],
  alike: (claim: Claim<E>) => string,
): [Claim<E>, Types.ObjectId[]][] {
  return [...Map.groupBy(claims, alike).values()].map((group) => [group[0] as Claim<E>, group.map(idOf)]);
}

const sentSeq = <E extends Entry>({ entries }: Claim<E>) => entries[0]?.seq ?? 0;

/** Compare-and-set on single documents: all that is asked of the server is that one update of one document is atomic. */
export function mongoOutbox<E extends Entry>(collection: Collection): OutboxStore<E> {
  const read = async (filter: object, limit = 0) =>
    (await collection
      .find(filter, { projection: { version: 1, outbox: 1, outboxSince: 1, lease: 1 } })
      .sort({ outboxSince: 1 })
      .limit(limit)
      .toArray()) as unknown as OutboxDocument<E>[];

  async function claimDue({ owner, until }: LeaseTerms, now: Date, limit: number): Promise<Claim<E>[]> {
    const due = await read({ outboxSince: { $exists: true }, 'lease.until': { $lte: now } }, limit);
    if (due.length === 0) return [];
    await collection.bulkWrite(
      due.map(({ _id, lease }) => ({
        updateOne: {
          // The epoch is part of the condition: of two relays that read the same free lease, one wins. What its holder has
          // settled meanwhile keeps the epoch, and has nothing left to send.
          filter: { _id, 'lease.epoch': lease.epoch, outboxSince: { $exists: true } },
          update: { $set: { 'lease.owner': owner, 'lease.until': until }, $inc: { 'lease.epoch': 1 } },
        },
      })),
      { ordered: false },
    );
    const won = await read({ _id: { $in: due.map(({ _id }) => _id) }, 'lease.owner': owner });
    return won.map(claimOfStored);
  }

  async function settle(claims: readonly Claim<E>[]): Promise<{ remaining: Claim<E>[]; fenced: number }> {
    const single = claims.filter(({ entries }) => entries.length === 1);
    if (single.length > 0) {
      const { matchedCount } = await collection.bulkWrite(
        groups(single, ({ epoch, version }) => `${epoch} ${version}`).map(([{ epoch, version }, ids]) => ({
          updateMany: {
            // The same version means that nothing was added since the claim was read.
            filter: { _id: { $in: ids }, 'lease.epoch': epoch, version },
            update: { $set: { outbox: [], lease: freeLease(epoch) }, $unset: { outboxSince: 1 } },
          },
        })),
        { ordered: false },
      );
      if (matchedCount === claims.length) return { remaining: [], fenced: 0 };
    }
    return settleWhatIsLeft(claims);
  }

  /**
   * A claim has several entries, met a newer one, or was taken over; which of them is seen in the documents afterwards.
   * Whoever settled an entry that is gone: it was sent, and is not sent again.
   */
  async function settleWhatIsLeft(claims: readonly Claim<E>[]): Promise<{ remaining: Claim<E>[]; fenced: number }> {
    await collection.bulkWrite(
      groups(claims, (claim) => `${claim.epoch} ${sentSeq(claim)}`).map(([claim, ids]) => ({
        updateMany: {
          filter: { _id: { $in: ids }, 'lease.epoch': claim.epoch },
          update: { $pull: { outbox: { seq: { $lte: sentSeq(claim) } } } } as object,
        },
      })),
      { ordered: false },
    );
    const stored = new Map(
      (await read({ _id: { $in: claims.map(idOf) } })).map((document) => [document._id.toHexString(), document]),
    );
    const remaining: Claim<E>[] = [];
    let fenced = 0;
    for (const claim of claims) {
      const left = stored.get(claim.id);
      const isHeld = left?.lease.epoch === claim.epoch && left.lease.until.getTime() === claim.until.getTime();
      if (isHeld && left.outbox.length > 0) remaining.push(claimOfStored(left));
      else if (!isHeld && left?.outbox.some(({ seq }) => seq === sentSeq(claim))) fenced += 1;
    }
    return { remaining, fenced };
  }

  async function release(claims: readonly Claim<E>[], notBefore: Date): Promise<void> {
    if (claims.length === 0) return;
    await collection.bulkWrite(
      claims.map((claim) => ({
        updateOne: {
          filter: { _id: idOf(claim), 'lease.epoch': claim.epoch },
          update: { $set: { 'lease.owner': '', 'lease.until': notBefore } },
        },
      })),
      { ordered: false },
    );
  }

  async function backlog(): Promise<{ documents: number; oldest: Date | undefined }> {
    const filter = { outboxSince: { $exists: true } };
    // A count reads every document it counts, at each scrape: in a long outage that must not be all there are.
    const [documents, [oldest]] = await Promise.all([
      collection.countDocuments(filter, { limit: mostCounted }),
      read(filter, 1),
    ]);
    return { documents, oldest: oldest?.outboxSince };
  }

  return { claimDue, settle, release, backlog };
}
