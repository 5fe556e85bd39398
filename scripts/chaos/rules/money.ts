import type { Evidence } from '../evidence.ts';
import type { LedgerLine } from '../history.ts';
import type { Rule } from './rule.ts';

const captures = (entries: readonly LedgerLine[]) =>
  entries.filter(({ type, status }) => type === 'charge' && status === 'captured');
const refunds = (entries: readonly LedgerLine[]) => entries.filter(({ type }) => type === 'refund');
const cents = (entries: readonly LedgerLine[]) => entries.reduce((sum, { amountCents }) => sum + amountCents, 0);

export const chargedOnce: Rule = {
  promise: 'an order is charged at most once, and refunded at most once',
  faults: ({ ledger, orders }) =>
    [...ledger].flatMap(([id, entries]) => [
      ...(orders.has(id) ? [] : [`${id} is in the ledger and was never an order`]),
      ...(captures(entries).length > 1 ? [`${id} was charged ${captures(entries).length} times`] : []),
      ...(refunds(entries).length > 1 ? [`${id} was refunded ${refunds(entries).length} times`] : []),
    ]),
};

function keptFaults({ orders, ledger }: Evidence, isMeant: (status: string) => boolean): string[] {
  return [...orders.values()].flatMap(({ id, status, totalCents }) => {
    if (!isMeant(status)) return [];
    const entries = ledger.get(id) ?? [];
    const kept = cents(captures(entries)) - cents(refunds(entries));
    const due = status === 'PAGO' ? totalCents : 0;
    return kept === due ? [] : [`${id} is ${status}, and ${kept} cents are kept instead of ${due}`];
  });
}

export const noneStaysCharged: Rule = {
  promise: 'no cancelled or failed order stays charged',
  faults: (evidence) => keptFaults(evidence, (status) => status !== 'PAGO'),
};

export const paidIsCharged: Rule = {
  promise: 'a paid order is charged, over its total',
  faults: (evidence) => keptFaults(evidence, (status) => status === 'PAGO'),
};
