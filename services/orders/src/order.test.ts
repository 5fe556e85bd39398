import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import fc from 'fast-check';
import {
  asPlaced,
  type CatalogFacts,
  changeStatus,
  isDecided,
  type Order,
  type OrderRequest,
  placeOrder,
} from './order.ts';

const now = new Date('2024-01-15T10:30:00.000Z');
const later = new Date('2024-01-15T10:35:00.000Z');

const request: OrderRequest = {
  clientId: 'client',
  items: [
    { productId: 'chair', quantity: 2, priceCents: 1999 },
    { productId: 'lamp', quantity: 1, priceCents: 500 },
  ],
  totalCents: 4498,
  payments: [
    { typePaymentId: 1, amountCents: 4000 },
    { typePaymentId: 2, amountCents: 498 },
  ],
};
const priceCentsOf = new Map([
  ['chair', 1999],
  ['lamp', 500],
]);
const facts = { clientName: 'João', priceCentsOf };
const placed = placeOrder(request, facts, 'order', now);

function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error.faults.map(({ at }) => at);
  }
  return [];
}

describe('placing an order', () => {
  it('makes it pending, as version 1, with the name that the shop knows', () => {
    expect(placed).toEqual({
      ...request,
      id: 'order',
      clientName: 'João',
      status: 'pending',
      version: 1,
      createdAt: now,
      updatedAt: now,
    });
  });

  it('names everything that is wrong at once', () => {
    const wrong: OrderRequest = {
      ...request,
      items: [
        { productId: 'chair', quantity: 2, priceCents: 1998 },
        { productId: 'ghost', quantity: 1, priceCents: 500 },
      ],
      payments: [{ typePaymentId: 1, amountCents: 4499 }],
    };
    const unknown = { clientName: undefined, priceCentsOf: new Map([...priceCentsOf, ['ghost', undefined]]) };
    expect(faultsOf(() => placeOrder(wrong, unknown, 'order', now))).toEqual([
      '#/clientId',
      '#/items/0/price',
      '#/items/1/productId',
      '#/total',
      '#/payments',
    ]);
  });

  it('does not blame what nobody asked for beside what is unknown, and trusts it no more where nothing is', () => {
    const onlyChair = new Map<string, number | undefined>([['chair', 1999]]);
    const place = (facts: CatalogFacts) => faultsOf(() => placeOrder(request, facts, 'order', now));
    expect(place({ clientName: undefined, priceCentsOf: onlyChair })).toEqual(['#/clientId']);
    expect(place({ ...facts, priceCentsOf: new Map([['chair', undefined]]) })).toEqual(['#/items/0/productId']);
    expect(place({ ...facts, priceCentsOf: onlyChair })).toEqual(['#/items/1/productId']);
  });

  it('refuses a total or payments that are one cent off', () => {
    expect(faultsOf(() => placeOrder({ ...request, totalCents: 4499 }, facts, 'order', now))).toEqual([
      '#/total',
      '#/payments',
    ]);
  });
});

describe("an order's status", () => {
  const statuses: OrderStatus[] = ['pending', 'paid', 'canceled', 'failed'];

  it('goes from pending to any decision, one version further', () => {
    for (const status of statuses.slice(1))
      expect(changeStatus(placed, status, later)).toEqual({ ...placed, status, version: 2, updatedAt: later });
  });

  it('does not change when the same is asked again', () => {
    for (const status of statuses) expect(changeStatus({ ...placed, status }, status, later)).toBeUndefined();
  });

  it('is decided once: whatever is asked in whatever order, the first decision stays and the version tells it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...statuses)), (asked) => {
        const last = asked.reduce(ask, placed);
        const first = asked.find((status) => status !== 'pending');
        expect([last.status, last.version]).toEqual(first ? [first, 2] : ['pending', 1]);
        expect(asPlaced(last)).toEqual(placed);
      }),
    );
  });
});

/** The order after the question; a refusal is right only where the order is decided already. */
function ask(present: Order, to: OrderStatus): Order {
  try {
    return changeStatus(present, to, later) ?? present;
  } catch (error) {
    expect(error).toMatchObject({ kind: 'conflict', code: 'illegal-transition' });
    expect(isDecided(present)).toBe(true);
    return present;
  }
}
