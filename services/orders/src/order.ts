import type { OrderStatus } from '@shop/shared/contracts/order-status';
import { DomainError, type Fault } from '@shop/shared/errors';
import { sumCents } from '@shop/shared/money';

export interface OrderItem {
  readonly productId: string;
  readonly quantity: number;
  readonly priceCents: number;
}

export interface OrderPayment {
  readonly typePaymentId: number;
  readonly amountCents: number;
}

export interface Order {
  readonly id: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly items: readonly OrderItem[];
  readonly totalCents: number;
  readonly payments: readonly OrderPayment[];
  readonly status: OrderStatus;
  /** 1 when placed, one more with every change of status: the sequence of the order's events. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a caller asks for. */
export type OrderRequest = Pick<Order, 'clientId' | 'items' | 'totalCents' | 'payments'>;

/** What the rest of the shop knows of the things named in a request; what is `undefined` is unknown there. */
export interface CatalogFacts {
  readonly clientName: string | undefined;
  /** Without those that nobody asked for, as something else was unknown already. */
  readonly priceCentsOf: ReadonlyMap<string, number | undefined>;
}

/** A pending order may become any of these; each of them is final. */
const reachable: Record<OrderStatus, readonly OrderStatus[]> = {
  pending: ['paid', 'canceled', 'failed'],
  paid: [],
  canceled: [],
  failed: [],
};

export function isDecided({ status }: Pick<Order, 'status'>): boolean {
  return reachable[status].length === 0;
}

function itemFaults({ items }: OrderRequest, { clientName, priceCentsOf }: CatalogFacts): Fault[] {
  // Where nothing is unknown, what was not asked for is: no order is placed without its prices.
  const mayBeUnasked = clientName === undefined || [...priceCentsOf.values()].includes(undefined);
  return items.flatMap(({ productId, priceCents }, index): Fault[] => {
    if (mayBeUnasked && !priceCentsOf.has(productId)) return [];
    const known = priceCentsOf.get(productId);
    if (known === undefined) return [{ at: `#/items/${index}/productId`, detail: 'is no product of this shop' }];
    if (known !== priceCents) return [{ at: `#/items/${index}/price`, detail: "is not the product's price" }];
    return [];
  });
}

function sumFaults({ items, totalCents, payments }: OrderRequest): Fault[] {
  const paidCents = payments.reduce((sum, { amountCents }) => sum + amountCents, 0);
  return [
    ...(sumCents(items) === totalCents ? [] : [{ at: '#/total', detail: 'is not the sum of quantity × price' }]),
    ...(paidCents === totalCents ? [] : [{ at: '#/payments', detail: 'do not add up to the total' }]),
  ];
}

/** @throws DomainError `unprocessable` naming everything that is against a rule. */
export function placeOrder(request: OrderRequest, facts: CatalogFacts, id: string, now: Date): Order {
  const faults = [
    ...(facts.clientName === undefined ? [{ at: '#/clientId', detail: 'is no client of this shop' }] : []),
    ...itemFaults(request, facts),
    ...sumFaults(request),
  ];
  const [first] = faults;
  if (first || facts.clientName === undefined)
    throw new DomainError('unprocessable', {
      code: 'order-refused',
      detail: `${first?.at} ${first?.detail}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}`,
      faults,
    });
  const { clientId, items, totalCents, payments } = request;
  return {
    id,
    clientId,
    clientName: facts.clientName,
    items,
    totalCents,
    payments,
    status: 'pending',
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * The order after the change, or `undefined` where it has that status already: repeating a change changes nothing.
 *
 * @throws DomainError `conflict` when the status can't be reached from the present one
 */
export function changeStatus(order: Order, to: OrderStatus, now: Date): Order | undefined {
  if (order.status === to) return undefined;
  if (!reachable[order.status].includes(to))
    throw new DomainError('conflict', {
      code: 'illegal-transition',
      detail: 'The order is decided, and a decision is final.',
    });
  return { ...order, status: to, version: order.version + 1, updatedAt: now };
}

/** The order as it was when it was placed: what the first answer said. */
export function asPlaced(order: Order): Order {
  return { ...order, status: 'pending', version: 1, updatedAt: order.createdAt };
}
