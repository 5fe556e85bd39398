import type { OrderStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import type { Outbox } from '@shop/shared/outbox/outbox';
import { changeStatus, type Order } from './order.ts';
import { entryOf, type OrderEntry } from './order-event.ts';
import type { OrderStore } from './ports.ts';

interface Needs {
  readonly store: OrderStore;
  readonly outbox: Outbox<OrderEntry>;
  readonly clock: () => Date;
  /** Told of every order that was decided here. */
  readonly onDecided: (order: Order) => void;
}

export type ChangeOrder = (
  id: string,
  to: OrderStatus,
  options: { expectedVersion: number | undefined; traceparent: string },
) => Promise<Order>;

/** The way of an unknown order, wherever it is asked for. */
export function orderNotFound(): DomainError {
  return new DomainError('not-found', { code: 'order-not-found', detail: 'There is no order with this id.' });
}

function checkVersion(order: Order, expected: number | undefined): void {
  if (expected !== undefined && expected !== order.version)
    throw new DomainError('stale', {
      code: 'version-mismatch',
      detail: 'The order has changed since it was read: read it again and decide anew.',
    });
}

/** Changes an order's status; the change and its event are one write. Repeating a change answers the same and emits nothing. */
export function changeOrderWith({ store, outbox, clock, onDecided }: Needs): ChangeOrder {
  return async (id, to, { expectedVersion, traceparent }) => {
    const now = clock();
    const decide = (order: Order) => {
      checkVersion(order, expectedVersion);
      const changed = changeStatus(order, to, now);
      return changed && { order: changed, entry: entryOf(changed, traceparent) };
    };
    const result = await store.change(id, decide, outbox.terms(), now);
    if (!result) throw orderNotFound();
    if (result.changed) {
      outbox.written(result.claim);
      onDecided(result.order);
    }
    return result.order;
  };
}
