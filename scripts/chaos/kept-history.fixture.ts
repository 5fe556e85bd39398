/** Histories in which every promise was kept, for tests of the rules: from one order to many, with every fate. */
import fc from 'fast-check';
import type { EventLine, HistoryLine } from './history.ts';

const fates = ['paid', 'declined', 'cancelled', 'refunded'] as const;
export type Fate = (typeof fates)[number];

const wordOf = { paid: 'PAGO', declined: 'FALHA', cancelled: 'CANCELADO', refunded: 'CANCELADO' } as const;
const outcomeOf = { paid: 'paid', declined: 'failed', cancelled: 'canceled', refunded: 'canceled' } as const;
const paymentOf = { paid: 'paid', declined: 'declined', cancelled: 'refunded', refunded: 'refunded' } as const;

function eventOf(id: string, sequence: number, word: string, offset: number, again = 0): EventLine {
  const topic = { PENDENTE: 'orders.created', PAGO: 'orders.paid' }[word] ?? 'orders.failed';
  return {
    kind: 'event',
    topic,
    partition: 0,
    offset,
    key: id,
    value: JSON.stringify({ orderId: id, status: word }),
    headers: { ce_id: `${id}.${sequence}`, ce_subject: id, ce_sequence: String(sequence) },
    appendedAt: 10 * sequence + again,
  };
}

function ledgerOf(orderId: string, fate: Fate): HistoryLine[] {
  const line = { kind: 'ledger', orderId, amountCents: 500 } as const;
  const charge = { ...line, type: 'charge', status: fate === 'declined' ? 'declined' : 'captured' } as const;
  return fate === 'refunded' || fate === 'cancelled' ? [charge, { ...line, type: 'refund' }] : [charge];
}

/** Told twice, since the first letter could not be noted. */
function notificationOf(orderId: string, fate: Fate): HistoryLine[] {
  const eventId = `${orderId}.2`;
  const letter = { kind: 'letter', orderId, eventId, word: wordOf[fate], takenAt: 30 } as const;
  const outcome = outcomeOf[fate];
  return [letter, letter, { kind: 'notification', orderId, eventId, outcome, status: 'sent', sentAt: 30 }];
}

/** Order number `number`, placed twice under one key, each of its events sent twice. */
function orderHistory(number: number, fate: Fate): HistoryLine[] {
  const id = `order-${number}`;
  const key = `key-${number}`;
  const word = wordOf[fate];
  const call = number * 10;
  const cancel: HistoryLine[] = [
    { kind: 'call', call: call + 2, what: 'cancel', orderId: id },
    { kind: 'answer', call: call + 2, status: word === 'CANCELADO' ? 200 : 409, orderId: id },
  ];
  return [
    { kind: 'call', call, what: 'place', key, totalCents: 500 },
    { kind: 'answer', call },
    { kind: 'call', call: call + 1, what: 'place', key, totalCents: 500 },
    { kind: 'answer', call: call + 1, status: 201, orderId: id, word: 'PENDENTE' },
    ...cancel,
    { kind: 'order', id, status: word, version: 2, totalCents: 500, key, unsent: 0 },
    { kind: 'payment', orderId: id, status: paymentOf[fate], unsent: 0 },
    ...ledgerOf(id, fate),
    ...notificationOf(id, fate),
    ...[0, 1].flatMap((again) => [
      eventOf(id, 1, 'PENDENTE', 2 * number + again, again),
      eventOf(id, 2, word, 2 * number + again, again),
    ]),
  ];
}

export function keptHistory(...orders: readonly Fate[]): HistoryLine[] {
  const ids = orders.map((_, number) => `order-${number}`);
  const end = 2 * orders.length;
  return [
    { kind: 'run', seed: 1, expectedDeadLetters: 0, notified: 'through RabbitMQ' },
    ...orders.flatMap((fate, number) => orderHistory(number, fate)),
    { kind: 'committed', offsets: [{ partition: 0, committed: end }] },
    { kind: 'finished', orderIds: ids },
    { kind: 'position', partition: 0, end, committed: end },
  ];
}

export const someFates = fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 8 });
