import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxStore } from '@shop/shared/outbox/outbox';
import { changeStatus, type Order } from './order.ts';
import { entryOf, type OrderEntry } from './order-event.ts';
import type { OrderStore } from './ports.ts';

export interface OrdersUnderTest {
  readonly store: OrderStore;
  readonly outbox: OutboxStore<OrderEntry>;
}

const now = new Date('2024-01-15T10:30:00.000Z');
const later = new Date('2024-01-15T10:35:00.000Z');
const terms = { owner: 'relay', until: new Date('2024-01-15T10:45:00.000Z') };

let made = 0;
function newOrder(overrides: Partial<Order> = {}): Order {
  made += 1;
  return {
    id: `64b0000000000000${String(made).padStart(8, '0')}`,
    clientId: '64b000000000000000000001',
    clientName: 'João',
    items: [{ productId: '64b000000000000000000002', quantity: 2, priceCents: 1999 }],
    totalCents: 3998,
    payments: [{ typePaymentId: 1, amountCents: 3998 }],
    status: 'pending',
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...overrides,
  };
}

const pay = (order: Order) => {
  const changed = changeStatus(order, 'paid', later);
  return changed && { order: changed, entry: entryOf(changed, undefined) };
};

/** What every order store must do. */
export function orderStoreContract(name: string, open: () => Promise<OrdersUnderTest>): void {
  describe(`${name} as an order store`, () => {
    let orders: OrdersUnderTest;
    const insert = (order: Order, options: Parameters<OrderStore['insert']>[2] = {}) =>
      orders.store.insert(order, entryOf(order, undefined), options);

    beforeEach(async () => {
      orders = await open();
    });

    it('gives an order back as it was inserted, and nothing for an unknown id', async () => {
      const order = newOrder();
      await insert(order);
      expect(await orders.store.find(order.id)).toEqual(order);
      expect(await orders.store.find('64b0000000000000ffffffff')).toBeUndefined();
    });

    it('writes the event with the order, leased to the writer if it asks', async () => {
      const order = newOrder();
      const claim = await insert(order, { terms });
      expect(claim).toMatchObject({ id: order.id, entries: [{ seq: 1, topic: 'orders.created' }], until: terms.until });
      expect(await orders.outbox.claimDue({ ...terms, owner: 'other' }, later, 10)).toEqual([]);
      expect((await orders.outbox.backlog()).documents).toBe(1);
    });

    it('keeps one order per idempotency key, also when many insert at once', async () => {
      const idempotency = { key: 'key', fingerprint: 'print' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => insert(newOrder(), { idempotency })));
      expect(answers.filter((answer) => answer === 'key-taken')).toHaveLength(7);
      expect(await orders.store.findByKey('key')).toMatchObject({ fingerprint: 'print' });
      expect(await orders.store.findByKey('other')).toBeUndefined();
    });

    it('takes any number of orders without a key', async () => {
      for (let count = 0; count < 3; count += 1) expect(await insert(newOrder())).toBeUndefined();
    });

    it('writes a change and its event as one, after the event that still waits', async () => {
      const order = newOrder();
      await insert(order);
      const result = await orders.store.change(order.id, pay, terms, later);
      expect(result).toMatchObject({ changed: true, order: { status: 'paid', version: 2 } });
      expect(result?.claim?.entries.map(({ topic }) => topic)).toEqual(['orders.created', 'orders.paid']);
      expect(await orders.store.find(order.id)).toEqual({ ...order, status: 'paid', version: 2, updatedAt: later });
    });

    it('writes nothing when the change says so, throws what it throws, and knows no unknown order', async () => {
      const order = newOrder();
      await insert(order);
      expect(await orders.store.change(order.id, () => undefined, terms, later)).toMatchObject({
        changed: false,
        order,
      });
      const refuse = () => {
        throw new Error('no');
      };
      await expect(orders.store.change(order.id, refuse, terms, later)).rejects.toThrow('no');
      expect(await orders.store.change('64b0000000000000ffffffff', pay, terms, later)).toBeUndefined();
      expect(await orders.store.find(order.id)).toEqual(order);
    });

    it('lets one of many different decisions win, and shows the others the winner', async () => {
      const order = newOrder();
      await insert(order, { terms });
      const decide = (status: 'paid' | 'canceled' | 'failed') =>
        orders.store.change(
          order.id,
          (present) => {
            const changed = changeStatus(present, status, later);
            return changed && { order: changed, entry: entryOf(changed, undefined) };
          },
          terms,
          later,
        );
      const tries = (['paid', 'canceled', 'failed', 'paid', 'canceled', 'failed'] as const).map(decide);
      const results = await Promise.allSettled(tries);
      const changed = results.filter((result) => result.status === 'fulfilled' && result.value?.changed);
      expect(changed).toHaveLength(1);
      expect(await orders.store.find(order.id)).toMatchObject({ version: 2 });
    });

    it('pages newest first, without gaps or repeats, by status and client', async () => {
      const inserted = Array.from({ length: 5 }, (_, index) =>
        newOrder(index % 2 ? { status: 'paid', clientId: '64b000000000000000000009' } : {}),
      );
      for (const order of inserted) await insert(order);
      const expected = inserted.map(({ id }) => id).toReversed();
      const firstPage = await orders.store.page({ limit: 3 });
      const secondPage = await orders.store.page({ limit: 3, after: firstPage.next });
      expect([...firstPage.items, ...secondPage.items].map(({ id }) => id)).toEqual(expected);
      expect(secondPage.next).toBeUndefined();
      expect((await orders.store.page({ limit: 9, status: 'paid' })).items).toHaveLength(2);
      expect((await orders.store.page({ limit: 9, clientId: '64b000000000000000000001' })).items).toHaveLength(3);
    });

    it('tells which of some orders are decided', async () => {
      const [pending, paid] = [newOrder(), newOrder({ status: 'paid' })];
      await insert(pending);
      await insert(paid);
      expect(await orders.store.decided([pending.id, paid.id])).toEqual([paid.id]);
    });
  });
}
