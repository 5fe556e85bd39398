/** Every way in which a history can break a promise, for tests of the rules. */
import type { EventLine, HistoryLine, LetterLine, NotificationLine, OrderLine } from './history.ts';
import type { Fate } from './kept-history.fixture.ts';

type Change = (line: HistoryLine) => readonly HistoryLine[];

/** The first line that `matches`, or every one, becomes what `change` makes of it. */
function changed(
  history: readonly HistoryLine[],
  matches: (line: HistoryLine) => boolean,
  change: Change,
  all = false,
) {
  let done = false;
  return history.flatMap((line) => {
    if ((done && !all) || !matches(line)) return [line];
    done = true;
    return change(line);
  });
}

const isOrder = ({ kind }: HistoryLine) => kind === 'order';
const isCharge = (line: HistoryLine) => line.kind === 'ledger' && line.type === 'charge';
const isRefund = (line: HistoryLine) => line.kind === 'ledger' && line.type === 'refund';
const isEvent = (topic: string) => (line: HistoryLine) => line.kind === 'event' && line.topic === topic;
const gone: Change = () => [];
const twice: Change = (line) => [line, line];
const withOrder =
  (more: Partial<OrderLine>): Change =>
  (line) => [{ ...(line as OrderLine), ...more }];
const withEvent =
  (more: Partial<EventLine>): Change =>
  (line) => [{ ...(line as EventLine), ...more }];
const withNotification =
  (more: Partial<NotificationLine>): Change =>
  (line) => [{ ...(line as NotificationLine), ...more }];
const isAny = (kind: HistoryLine['kind']) => (line: HistoryLine) => line.kind === kind;

/** What is wrong, with an order of which fate, the promise that breaks, and how to do it to a history where all were kept. */
export const breaches: readonly [string, Fate, string, (history: HistoryLine[]) => HistoryLine[]][] = [
  ['an order that is gone', 'paid', 'an accepted order is never lost', (h) => changed(h, isOrder, gone)],
  [
    'an order over another total',
    'declined',
    'an accepted order is never lost',
    (h) => changed(h, isOrder, withOrder({ totalCents: 1 })),
  ],
  [
    'a second order under one key',
    'paid',
    'a request that is repeated under its key is one order',
    (h) => changed(h, isOrder, (line) => [line, { ...(line as OrderLine), id: 'another' }]),
  ],
  [
    'an order without the key of its request',
    'paid',
    'a request that is repeated under its key is one order',
    (h) =>
      changed(h, isOrder, (line) => {
        const { key: _, ...rest } = line as OrderLine;
        return [rest];
      }),
  ],
  [
    'an order that stays open',
    'paid',
    'every order is decided, once',
    (h) => changed(h, isOrder, withOrder({ status: 'PENDENTE', version: 1 })),
  ],
  [
    'an order that changed twice',
    'paid',
    'every order is decided, once',
    (h) => changed(h, isOrder, withOrder({ version: 3 })),
  ],
  [
    'a cancel that was accepted and did not last',
    'refunded',
    'what an answer said is not taken back',
    (h) => changed(h, isOrder, withOrder({ status: 'PAGO' })),
  ],
  [
    'a cancel that was refused and took place',
    'paid',
    'what an answer said is not taken back',
    (h) => changed(h, isOrder, withOrder({ status: 'CANCELADO' })),
  ],
  [
    'a decision that was read and changed',
    'paid',
    'what an answer said is not taken back',
    (h) => [
      { kind: 'call', call: 9_999, what: 'read', orderId: 'order-0' },
      { kind: 'answer', call: 9_999, status: 200, word: 'FALHA' },
      ...h,
    ],
  ],
  [
    'a second charge',
    'paid',
    'an order is charged at most once, and refunded at most once',
    (h) => changed(h, isCharge, twice),
  ],
  [
    'a second refund',
    'refunded',
    'an order is charged at most once, and refunded at most once',
    (h) => changed(h, isRefund, twice),
  ],
  [
    'a charge of an order nobody placed',
    'paid',
    'an order is charged at most once, and refunded at most once',
    (h) => [...h, { kind: 'ledger', type: 'charge', orderId: 'nobody', amountCents: 1, status: 'captured' }],
  ],
  [
    'a cancelled order that stays charged',
    'refunded',
    'no cancelled or failed order stays charged',
    (h) => changed(h, isRefund, gone),
  ],
  [
    'a paid order that was never charged',
    'paid',
    'a paid order is charged, over its total',
    (h) => changed(h, isCharge, gone),
  ],
  [
    'an order that was not published',
    'paid',
    'every change is published, and nothing else',
    (h) => changed(h, isEvent('orders.created'), gone, true),
  ],
  [
    'a decision that was not published',
    'paid',
    'every change is published, and nothing else',
    (h) => changed(h, isEvent('orders.paid'), gone, true),
  ],
  [
    'an event that says something else',
    'declined',
    'every change is published, and nothing else',
    (h) => changed(h, isEvent('orders.failed'), withEvent({ value: '{"status":"CANCELADO"}' }), true),
  ],
  [
    'a decision before its order',
    'paid',
    "an order's events come in their sequence, under its key",
    (h) => changed(h, isEvent('orders.created'), withEvent({ appendedAt: 99 }), true),
  ],
  [
    'a gap in the sequence',
    'paid',
    "an order's events come in their sequence, under its key",
    (h) =>
      changed(
        h,
        isEvent('orders.paid'),
        withEvent({ headers: { ce_id: 'a', ce_subject: 'order-0', ce_sequence: '3' } }),
        true,
      ),
  ],
  [
    'an event under another key',
    'paid',
    "an order's events come in their sequence, under its key",
    (h) => changed(h, isEvent('orders.paid'), withEvent({ key: 'another' })),
  ],
  [
    'one identity with two contents',
    'paid',
    'a change has one event, however often it is sent',
    (h) => changed(h, isEvent('orders.paid'), withEvent({ value: '{"status":"PAGO" }' })),
  ],
  [
    'a commit that ran ahead',
    'paid',
    'no offset is committed past an unfinished message',
    (h) => [{ kind: 'committed', offsets: [{ partition: 0, committed: 1 }] }, { kind: 'finished', orderIds: [] }, ...h],
  ],
  [
    'a dead letter',
    'paid',
    'nothing is dead-lettered by an outage',
    (h) => changed(h, isEvent('orders.created'), (line) => [line, { ...(line as EventLine), kind: 'dead-letter' }]),
  ],
  [
    'an offset that was left behind',
    'paid',
    'in the end nothing waits any more',
    (h) => changed(h, isAny('position'), () => [{ kind: 'position', partition: 0, end: 3, committed: 2 }]),
  ],
  [
    'an event that waits for ever',
    'paid',
    'in the end nothing waits any more',
    (h) => changed(h, isOrder, withOrder({ unsent: 1 })),
  ],
  [
    'a payment that is never finished',
    'paid',
    'in the end nothing waits any more',
    (h) =>
      changed(h, isAny('payment'), () => [{ kind: 'payment', orderId: 'order-0', status: 'processing', unsent: 0 }]),
  ],
  [
    'a request that was not accepted though it had to be',
    'paid',
    'no order is refused while Kafka is away',
    (h) => changed(h, isAny('run'), (line) => [{ ...line, outage: 'kafka' } as HistoryLine]),
  ],
  [
    'a request that hung while the database was away',
    'paid',
    'an outage is answered plainly, and ends no process',
    (h) => changed(h, isAny('run'), (line) => [{ ...line, outage: 'database' } as HistoryLine]),
  ],
  [
    'a process that ended because Kafka was away',
    'declined',
    'an outage is answered plainly, and ends no process',
    (h) => [
      { kind: 'run', seed: 1, expectedDeadLetters: 0, outage: 'kafka' },
      ...h.slice(1).filter((line) => line.kind !== 'call'),
      { kind: 'fault', fault: 'ended', target: 'orders-1' },
    ],
  ],
  [
    'a decision that nobody was told',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('letter'), gone, true),
  ],
  [
    'a decision without a record of it',
    'declined',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), gone),
  ],
  [
    'a second record of one decision',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), twice),
  ],
  [
    'a notification that is never finished',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), withNotification({ status: 'sending' })),
  ],
  [
    'a client who was told again though that was known',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), withNotification({ sentAt: 29 })),
  ],
  [
    'a client who was told something else',
    'refunded',
    'every decision is notified once',
    (h) => changed(h, isAny('letter'), (line) => [{ ...(line as LetterLine), word: 'PAGO' }]),
  ],
  [
    'a notification of another event',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), withNotification({ eventId: 'order-0.1' })),
  ],
  [
    'a notification of another outcome',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isAny('notification'), withNotification({ outcome: 'failed' })),
  ],
  [
    'a client who was told too early',
    'paid',
    'every decision is notified once',
    (h) => changed(h, isOrder, withOrder({ status: 'PENDENTE' })),
  ],
  [
    'a letter about no order at all',
    'paid',
    'every decision is notified once',
    (h) => [...h, { kind: 'letter', orderId: 'nobody', eventId: 'nobody.2', word: 'PAGO', takenAt: 30 }],
  ],
];
