import { parseStatus } from '../../services/shared/src/contracts/order-status.ts';

/** What is looked at in an entry of the provider's ledger. */
export interface LedgerEntry {
  readonly type: 'charge' | 'refund';
  readonly orderId: string;
  readonly amountCents: number;
  /** Of a charge: whether money moved. */
  readonly status?: string | undefined;
}

export interface AuditedOrder {
  readonly id: string;
  /** Its status on the wire, or `undefined` when it is not known. */
  readonly word: string | undefined;
  readonly totalCents: number;
}

export interface Audit {
  /** Captured charges of these orders. */
  readonly captured: number;
  /** One phrase for each order whose charges are not what its status says. */
  readonly faults: readonly string[];
}

/**
 * Holds the provider's own ledger against what orders say: exactly one captured charge over the whole total, and none of
 * it given back, for a paid order; for any other never more than one, and nothing kept of it once it is decided.
 */
export function auditCharges(orders: readonly AuditedOrder[], entries: readonly LedgerEntry[]): Audit {
  const known = new Set(orders.map(({ id }) => id));
  const ours = entries.filter(({ orderId }) => known.has(orderId));
  const captures = Map.groupBy(
    ours.filter(({ type, status }) => type === 'charge' && status === 'captured'),
    ({ orderId }) => orderId,
  );
  const refunds = Map.groupBy(
    ours.filter(({ type }) => type === 'refund'),
    ({ orderId }) => orderId,
  );
  const faults = orders.flatMap((order) => {
    const captured = captures.get(order.id) ?? [];
    const fault = faultOf(order, captured.length, sum(captured) - sum(refunds.get(order.id) ?? []));
    return fault === undefined ? [] : [`order ${order.id} ${fault}`];
  });
  return { captured: [...captures.values()].flat().length, faults };
}

function faultOf({ word, totalCents }: AuditedOrder, captured: number, keptCents: number): string | undefined {
  if (captured > 1) return `was charged ${captured} times`;
  const status = word === undefined ? undefined : parseStatus(word);
  if (status === 'paid') {
    if (captured === 0) return `is ${word}, but was never charged`;
    if (keptCents !== totalCents) return `is ${word}, but ${keptCents} of its ${totalCents} cents are kept`;
  }
  if ((status === 'failed' || status === 'canceled') && keptCents !== 0)
    return `is ${word}, but ${keptCents} cents of it are kept`;
  return undefined;
}

function sum(entries: readonly LedgerEntry[]): number {
  return entries.reduce((cents, { amountCents }) => cents + amountCents, 0);
}
