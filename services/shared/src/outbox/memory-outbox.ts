import type { Claim, Entry, LeaseTerms, OutboxPart, OutboxStore } from './outbox.ts';
import { claimOf, freeLease } from './outbox.ts';

/** The documents of a test: by id, with `add` as the writers' side. */
export interface MemoryOutbox<E extends Entry> extends OutboxStore<E> {
  readonly documents: Map<string, OutboxPart<E>>;
  /** Adds an entry as a change of the document would, and takes the lease if it is free at `now`. */
  readonly add: (id: string, entry: E, now: Date, terms?: LeaseTerms) => Claim<E> | undefined;
}

/** The twin of the MongoDB adapter for tests without I/O; both pass the same contract suite. */
export function memoryOutbox<E extends Entry>(): MemoryOutbox<E> {
  const documents = new Map<string, OutboxPart<E>>();

  const held = ({ id, epoch }: Claim<E>) => {
    const document = documents.get(id);
    return document?.lease.epoch === epoch ? document : undefined;
  };

  const isFenced = (claim: Claim<E>) =>
    !held(claim) && documents.get(claim.id)?.outbox.some(({ seq }) => seq === claim.entries[0]?.seq);

  return {
    documents,
    add(id, entry, now, terms) {
      const { outbox, outboxSince, lease } = documents.get(id) ?? {
        outbox: [],
        outboxSince: undefined,
        lease: freeLease(0),
      };
      const takes = terms && lease.until <= now;
      const changed = {
        version: entry.seq,
        outbox: [...outbox, entry],
        outboxSince: outboxSince ?? now,
        lease: takes ? { ...terms, epoch: lease.epoch + 1 } : lease,
      };
      documents.set(id, changed);
      return takes ? claimOf(id, changed) : undefined;
    },
    async claimDue(terms, now, limit) {
      const due = [...documents]
        .filter(([, { outboxSince, lease }]) => outboxSince && lease.until <= now)
        .sort(([, a], [, b]) => Number(a.outboxSince) - Number(b.outboxSince))
        .slice(0, limit);
      return due.map(([id, document]) => {
        const claimed = { ...document, lease: { ...terms, epoch: document.lease.epoch + 1 } };
        documents.set(id, claimed);
        return claimOf(id, claimed);
      });
    },
    async settle(claims) {
      const remaining: Claim<E>[] = [];
      for (const claim of claims) {
        const document = held(claim);
        if (!document) continue;
        const outbox = document.outbox.filter(({ seq }) => seq > (claim.entries[0]?.seq ?? 0));
        if (outbox.length > 0) {
          const left = { ...document, outbox };
          documents.set(claim.id, left);
          remaining.push(claimOf(claim.id, left));
        } else {
          const { outboxSince: _, ...rest } = document;
          documents.set(claim.id, { ...rest, outbox: [], lease: freeLease(claim.epoch) });
        }
      }
      return { remaining, fenced: claims.filter(isFenced).length };
    },
    async release(claims, notBefore) {
      for (const claim of claims) {
        const document = held(claim);
        if (document)
          documents.set(claim.id, { ...document, lease: { owner: '', until: notBefore, epoch: claim.epoch } });
      }
    },
    async backlog() {
      const times = [...documents.values()].flatMap(({ outboxSince }) => (outboxSince ? [outboxSince] : []));
      return { documents: times.length, oldest: times.sort((a, b) => Number(a) - Number(b))[0] };
    },
  };
}
