import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerEntry } from './ledger.ts';
import { ChargeStore } from './store.ts';

/** A ledger whose disk is as slow as the test wants: an entry is written when `sync` is called. */
function setUp({ entries = [] as readonly LedgerEntry[], honoursKeys = true, isManual = false } = {}) {
  const written: LedgerEntry[] = [...entries];
  const syncs: (() => void)[] = [];
  let ids = 0;
  const store = new ChargeStore({
    ledger: {
      entries,
      append: (entry) =>
        new Promise((resolve) => {
          const write = () => {
            written.push(entry);
            resolve();
          };
          if (isManual) syncs.push(write);
          else write();
        }),
    },
    now: () => new Date('2026-01-01T00:00:00Z'),
    newId: (prefix) => {
      ids += 1;
      return `${prefix}_${written.length}_${ids}`;
    },
    decline: ({ amountCents }) => (amountCents === 666 ? 'declined-by-issuer' : undefined),
    honoursKeys: () => honoursKeys,
  });
  return { store, written, sync: () => syncs.splice(0).forEach((write) => void write()) };
}

const charge = { orderId: 'o1', amountCents: 100, currency: 'BRL' } as const;

describe('charging', () => {
  it('answers a known key with the first charge, and charges once', async () => {
    const { store, written } = setUp();
    const first = await store.charge(charge, 'k');
    expect(first).toMatchObject({ isReplay: false, result: { charge: { status: 'captured', amountCents: 100 } } });
    expect(await store.charge({ ...charge }, 'k')).toEqual({ ...first, isReplay: true });
    expect(written).toHaveLength(1);
  });

  it('gives the first answer again even after a refund', async () => {
    const { store } = setUp();
    const { result } = await store.charge(charge, 'k');
    await store.refund({ chargeId: result.charge.id, amountCents: 40 }, 'r');
    expect((await store.charge(charge, 'k')).result.refundedCents).toBe(0);
    expect(store.find(result.charge.id)?.refundedCents).toBe(40);
  });

  it('charges once when the same key comes twice before the disk is done', async () => {
    const { store, written, sync } = setUp({ isManual: true });
    const both = Promise.all([store.charge(charge, 'k'), store.charge(charge, 'k')]);
    sync();
    const [one, other] = await both;
    expect([one.isReplay, other.isReplay]).toEqual([false, true]);
    expect(one.result).toEqual(other.result);
    expect(written).toHaveLength(1);
  });

  it('shows a charge only when it is on disk', async () => {
    const { store, sync } = setUp({ isManual: true });
    const answer = store.charge(charge, 'k');
    expect(store.chargesOf('o1')).toEqual([]);
    sync();
    await answer;
    expect(store.chargesOf('o1')).toHaveLength(1);
  });

  it('refuses a known key with another body', async () => {
    const { store } = setUp();
    await store.charge(charge, 'k');
    for (const other of [{ orderId: 'o2' }, { amountCents: 101 }])
      await expect(store.charge({ ...charge, ...other }, 'k')).rejects.toMatchObject({
        code: 'idempotency-key-reused',
      });
  });

  it('charges again for every request once keys are forgotten', async () => {
    const { store, written } = setUp({ honoursKeys: false });
    await store.charge(charge, 'k');
    await store.charge(charge, 'k');
    expect(written).toHaveLength(2);
  });

  it('keeps what was declined too, with its reason', async () => {
    const { store } = setUp();
    await store.charge({ ...charge, amountCents: 666 }, 'k');
    expect(store.chargesOf('o1')).toMatchObject([{ charge: { status: 'declined', reason: 'declined-by-issuer' } }]);
  });
});

describe('refunding', () => {
  it('knows no charge that is not there, and gives nothing back for a declined one', async () => {
    const { store } = setUp();
    await expect(store.refund({ chargeId: 'ch_0', amountCents: 1 }, 'r')).rejects.toMatchObject({
      code: 'charge-not-found',
    });
    const { result } = await store.charge({ ...charge, amountCents: 666 }, 'k');
    await expect(store.refund({ chargeId: result.charge.id, amountCents: 1 }, 'r')).rejects.toMatchObject({
      code: 'charge-not-captured',
    });
  });

  it('counts a refund that is still on its way to the disk', async () => {
    const { store, sync } = setUp({ isManual: true });
    const charged = store.charge(charge, 'k');
    sync();
    const { id } = (await charged).result.charge;
    const first = store.refund({ chargeId: id, amountCents: 60 }, 'r1');
    await expect(store.refund({ chargeId: id, amountCents: 60 }, 'r2')).rejects.toMatchObject({
      code: 'refund-exceeds-charge',
    });
    sync();
    await first;
    expect(store.refundsOf('o1')).toMatchObject([{ amountCents: 60, chargeId: id }]);
  });

  it('knows after a restart what was refunded before, and under which keys', async () => {
    const { store, written } = setUp();
    const { id } = (await store.charge(charge, 'k')).result.charge;
    const first = await store.refund({ chargeId: id, amountCents: 60 }, 'r1');
    const { store: rebuilt } = setUp({ entries: [...written] });
    await expect(rebuilt.refund({ chargeId: id, amountCents: 60 }, 'r2')).rejects.toMatchObject({
      code: 'refund-exceeds-charge',
    });
    expect(await rebuilt.refund({ chargeId: id, amountCents: 60 }, 'r1')).toEqual({ ...first, isReplay: true });
  });

  it('repeats the first answer for a known key, and refuses another body', async () => {
    const { store, written } = setUp();
    const { id } = (await store.charge(charge, 'k')).result.charge;
    const first = await store.refund({ chargeId: id, amountCents: 100 }, 'k');
    expect(await store.refund({ chargeId: id, amountCents: 100 }, 'k')).toEqual({ ...first, isReplay: true });
    await expect(store.refund({ chargeId: id, amountCents: 50 }, 'k')).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(written).toHaveLength(2);
  });
});

describe('the index', () => {
  const request = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    orderId: fc.constantFrom('o1', 'o2'),
    amountCents: fc.integer({ min: 0, max: 3 }),
    refunds: fc.boolean(),
  });
  type Request = typeof request extends fc.Arbitrary<infer R> ? R : never;

  const attempt = async (store: ChargeStore, { key, orderId, amountCents, refunds }: Request) => {
    const [first] = store.chargesOf(orderId);
    if (refunds && first) await store.refund({ chargeId: first.charge.id, amountCents }, key);
    else await store.charge({ orderId, amountCents, currency: 'BRL' }, key);
  };

  const contents = (store: ChargeStore) => ({
    charges: ['o1', 'o2'].flatMap((orderId) => store.chargesOf(orderId)),
    refunds: ['o1', 'o2'].flatMap((orderId) => store.refundsOf(orderId)),
    entries: store.entries(0, 100),
  });

  it('is the same when it is rebuilt from the ledger, keys included, and nothing gave back more than it took', async () => {
    const run = fc.asyncProperty(fc.array(request, { maxLength: 20 }), async (requests) => {
      const { store, written } = setUp();
      for (const each of requests) await attempt(store, each).catch(() => undefined);
      const { store: rebuilt } = setUp({ entries: [...written] });
      expect(contents(rebuilt)).toEqual(contents(store));
      const { charges } = contents(store);
      expect(charges.filter(({ charge: { amountCents }, refundedCents }) => refundedCents > amountCents)).toEqual([]);
      for (const { type, orderId, amountCents, key } of written.filter((entry) => entry.type === 'charge'))
        expect({ type, ...(await rebuilt.charge({ ...charge, orderId, amountCents }, key)) }).toHaveProperty(
          'isReplay',
          true,
        );
    });
    await fc.assert(run);
  });

  it('pages the ledger by sequence', async () => {
    const { store } = setUp();
    for (const key of ['1', '2', '3']) await store.charge(charge, key);
    expect(store.entries(0, 2).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(store.entries(2, 2).map(({ seq }) => seq)).toEqual([3]);
  });
});
