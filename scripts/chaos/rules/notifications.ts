import type { Evidence } from '../evidence.ts';
import type { LetterLine, NotificationLine, OrderLine } from '../history.ts';
import { isDecided, type Rule } from './rule.ts';

const outcomes: Readonly<Record<string, string>> = { PAGO: 'paid', CANCELADO: 'canceled', FALHA: 'failed' };

function recordFaults({ id, status }: OrderLine, eventId: string, records: readonly NotificationLine[]): string[] {
  const [record] = records;
  if (!record || records.length > 1) return [`${id} is ${status} and has ${records.length} notifications`];
  return [
    ...(record.status === 'sent' ? [] : [`the notification of ${id} is ${record.status}`]),
    ...(record.outcome === outcomes[status] ? [] : [`${id} is ${status}, its notification says ${record.outcome}`]),
    ...(record.eventId === eventId ? [] : [`the notification of ${id} is of ${record.eventId}, not of ${eventId}`]),
  ];
}

/**
 * A letter may come twice: its sender died, or lost the database, before it could note that it was taken. One that comes
 * after that note was sent against better knowledge.
 */
function letterFaults({ id, status }: OrderLine, sentAt: number, letters: readonly LetterLine[]): string[] {
  return [
    ...(letters.length === 0 ? [`nobody was told that ${id} is ${status}`] : []),
    ...letters.filter(({ word }) => word !== status).map(({ word }) => `${id} is ${status}, a letter says ${word}`),
    ...letters
      .filter(({ takenAt }) => takenAt > sentAt)
      .map(({ takenAt }) => `${id} was told again ${takenAt - sentAt} ms after it was noted as sent`),
  ];
}

function orderFaults({ notifications, letters, events }: Evidence, order: OrderLine): string[] {
  const { id, status } = order;
  const [records, told] = [notifications.get(id) ?? [], letters.get(id) ?? []];
  if (!isDecided(status))
    return records.length + told.length > 0 ? [`${id} is ${status} and was notified as if decided`] : [];
  const decision = events.get(id)?.find(({ topic }) => topic !== 'orders.created');
  return [
    ...recordFaults(order, decision?.headers.ce_id ?? 'no event', records),
    ...letterFaults(order, records[0]?.sentAt ?? Number.POSITIVE_INFINITY, told),
  ];
}

export const notifiedOnce: Rule = {
  promise: 'every decision is notified once',
  isAbout: ({ run }) => run.notified !== undefined,
  faults: (evidence) => [
    ...[...evidence.orders.values()].flatMap((order) => orderFaults(evidence, order)),
    ...[...new Set([...evidence.notifications.keys(), ...evidence.letters.keys()])]
      .filter((id) => !evidence.orders.has(id))
      .map((id) => `${id} was notified and was never an order`),
  ],
};
