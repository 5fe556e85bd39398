import { DomainError } from '@shop/shared/errors';
import { databaseBehind } from '@shop/shared/mongo/behind';
import type { Outbox } from '@shop/shared/outbox/outbox';
import { asPlaced, type Order, type OrderRequest, placeOrder } from './order.ts';
import { entryOf, type OrderEntry } from './order-event.ts';
import type { Idempotency, LookUp, OrderStore } from './ports.ts';

interface Needs {
  readonly store: OrderStore;
  readonly lookUp: LookUp;
  readonly outbox: Outbox<OrderEntry>;
  readonly newId: () => string;
  readonly clock: () => Date;
  /** Told of every accepted order; `true` for one that was accepted before. */
  readonly onPlaced: (replayed: boolean) => void;
}

export interface Placed {
  readonly order: Order;
  /** True when an earlier request with the same key placed the order, and this is its answer again. */
  readonly replayed: boolean;
}

export type PlaceOrder = (
  request: OrderRequest,
  options: { idempotency: Idempotency | undefined; traceparent: string },
) => Promise<Placed>;

/** Accepts an order: when this returns, order and event are stored, and the event will be sent whatever dies. */
export function placeOrderWith({ store, lookUp, outbox, newId, clock, onPlaced }: Needs): PlaceOrder {
  async function replay({ key, fingerprint }: Idempotency): Promise<Placed | undefined> {
    const earlier = await store.findByKey(key);
    if (!earlier) return undefined;
    if (earlier.fingerprint !== fingerprint)
      throw new DomainError('unprocessable', {
        code: 'idempotency-key-reused',
        detail: 'This Idempotency-Key was used for another order: a new order needs a new key.',
        faults: [{ at: 'header idempotency-key', detail: 'was used with another body' }],
      });
    onPlaced(true);
    return { order: asPlaced(earlier.order), replayed: true };
  }

  return async (request, { idempotency, traceparent }) => {
    // Before the catalog is asked: a repeated request gets its answer even while the catalog is down.
    const earlier = idempotency && (await replay(idempotency));
    if (earlier) return earlier;

    const order = placeOrder(request, await lookUp(request, traceparent), newId(), clock());
    const claim = await store.insert(order, entryOf(order, traceparent), { terms: outbox.terms(), idempotency });
    if (claim === 'key-taken') {
      const winner = idempotency && (await replay(idempotency));
      if (winner) return winner;
      throw databaseBehind('The order of this idempotency key');
    }
    outbox.written(claim);
    onPlaced(false);
    return { order, replayed: false };
  };
}
