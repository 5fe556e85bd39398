import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Claim, Entry, LeaseTerms, OutboxStore } from './outbox.ts';

/** An implementation under test: the store, and the writers' side of it. */
export interface OutboxUnderTest {
  readonly store: OutboxStore<Entry>;
  /** Adds entry `seq` to the document, which is made with the first; takes the lease if terms are given and it is free. */
  readonly add: (id: string, seq: number, now: Date, terms?: LeaseTerms) => Promise<Claim<Entry> | undefined>;
}

const at = (ms: number) => new Date(1_700_000_000_000 + ms);
const terms = (owner: string, untilMs: number): LeaseTerms => ({ owner, until: at(untilMs) });
const seqs = ({ entries }: Claim<Entry>) => entries.map(({ seq }) => seq);
const first = '64b000000000000000000001';
const second = '64b000000000000000000002';

/** What every outbox store must do; the relay is correct on top of exactly this. */
export function outboxContract(name: string, open: () => Promise<OutboxUnderTest>): void {
  describe(`${name} as an outbox`, () => {
    let outbox: OutboxUnderTest;
    beforeEach(async () => {
      outbox = await open();
    });

    it('claims what waits, longest waiting first, with its entries in order', async () => {
      await outbox.add(second, 1, at(5));
      await outbox.add(first, 1, at(9));
      await outbox.add(second, 2, at(10));
      const claims = await outbox.store.claimDue(terms('a', 100), at(20), 10);
      expect(claims.map((claim) => [claim.id, seqs(claim), claim.since])).toEqual([
        [second, [1, 2], at(5)],
        [first, [1], at(9)],
      ]);
      expect(await outbox.store.claimDue(terms('a', 100), at(20), 10)).toEqual([]);
    });

    it('gives a document to one relay at a time, and to another when the lease has run out', async () => {
      await outbox.add(first, 1, at(0));
      expect(await outbox.store.claimDue(terms('a', 100), at(1), 10)).toHaveLength(1);
      expect(await outbox.store.claimDue(terms('b', 200), at(99), 10)).toEqual([]);
      expect(await outbox.store.claimDue(terms('b', 200), at(100), 10)).toHaveLength(1);
    });

    it('lets one of many win when they claim at the same moment', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = `64b0000000000000000000${round + 10}`;
        await outbox.add(id, 1, at(0));
        const claims = await Promise.all(
          ['a', 'b', 'c', 'd'].map((owner) => outbox.store.claimDue(terms(`${owner}${round}`, 100), at(1), 10)),
        );
        expect(claims.flat().map(({ id: claimed }) => claimed)).toEqual([id]);
      }
    });

    it('is empty after what was sent is settled, and the next entry can be leased by its writer', async () => {
      const claim = await outbox.add(first, 1, at(0), terms('a', 100));
      expect(claim && seqs(claim)).toEqual([1]);
      expect(await outbox.store.settle(claim ? [claim] : [])).toEqual({ remaining: [], fenced: 0 });
      expect(await outbox.store.backlog()).toEqual({ documents: 0, oldest: undefined });
      const next = await outbox.add(first, 2, at(10), terms('b', 200));
      expect(next && seqs(next)).toEqual([2]);
      expect(next?.epoch).toBeGreaterThan(claim?.epoch ?? Infinity);
    });

    it('does not lease to a writer what another relay holds, but hands its entry to that relay when it settles', async () => {
      const claim = await outbox.add(first, 1, at(0), terms('a', 100));
      expect(await outbox.add(first, 2, at(1), terms('b', 101))).toBeUndefined();
      const { remaining } = await outbox.store.settle(claim ? [claim] : []);
      expect(remaining.map(seqs)).toEqual([[2]]);
      expect(await outbox.store.claimDue(terms('b', 200), at(50), 10)).toEqual([]);
      expect(await outbox.store.settle(remaining)).toEqual({ remaining: [], fenced: 0 });
      expect(await outbox.store.backlog()).toEqual({ documents: 0, oldest: undefined });
    });

    it('settles one entry at a time, the oldest', async () => {
      await outbox.add(first, 1, at(0));
      await outbox.add(first, 2, at(1));
      const claims = await outbox.store.claimDue(terms('a', 100), at(2), 10);
      expect((await outbox.store.settle(claims)).remaining.map(seqs)).toEqual([[2]]);
    });

    it('ignores a settlement and a release whose lease was taken over', async () => {
      await outbox.add(first, 1, at(0));
      const [late] = await outbox.store.claimDue(terms('a', 100), at(1), 10);
      const [holder] = await outbox.store.claimDue(terms('b', 300), at(150), 10);
      if (!late || !holder) throw new Error('both should have claimed');
      expect(await outbox.store.settle([late])).toEqual({ remaining: [], fenced: 1 });
      await outbox.store.release([late], at(0));
      expect(await outbox.store.claimDue(terms('c', 400), at(200), 10)).toEqual([]);
      expect((await outbox.store.backlog()).documents).toBe(1);
      expect(await outbox.store.settle([holder])).toEqual({ remaining: [], fenced: 0 });
    });

    it('does not count a late settlement as fenced when whoever took over has settled the entry already', async () => {
      await outbox.add(first, 1, at(0));
      const [late] = await outbox.store.claimDue(terms('a', 100), at(1), 10);
      const [holder] = await outbox.store.claimDue(terms('b', 300), at(150), 10);
      if (!late || !holder) throw new Error('both should have claimed');
      await outbox.add(first, 2, at(160));
      expect((await outbox.store.settle([holder])).remaining.map(seqs)).toEqual([[2]]);
      expect(await outbox.store.settle([late])).toEqual({ remaining: [], fenced: 0 });
      expect(await outbox.store.claimDue(terms('c', 400), at(200), 10)).toEqual([]);
    });

    it('offers what was released again, but not before its time', async () => {
      await outbox.add(first, 1, at(0));
      const claims = await outbox.store.claimDue(terms('a', 1_000), at(1), 10);
      await outbox.store.release(claims, at(50));
      expect(await outbox.store.claimDue(terms('b', 1_000), at(49), 10)).toEqual([]);
      expect(await outbox.store.claimDue(terms('b', 1_000), at(50), 10)).toHaveLength(1);
    });

    it('settles many at once, and brings back only what has more to send', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `64b0000000000000000001${String(index).padStart(2, '0')}`);
      for (const id of ids) await outbox.add(id, 1, at(0));
      const claims = await outbox.store.claimDue(terms('a', 100), at(1), 100);
      await outbox.add(ids[7] as string, 2, at(2));
      const { remaining, fenced } = await outbox.store.settle(claims);
      expect([remaining.map(({ id }) => id), fenced]).toEqual([[ids[7]], 0]);
      expect((await outbox.store.backlog()).documents).toBe(1);
    });
  });
}
