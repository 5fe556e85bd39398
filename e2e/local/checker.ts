/** Holds what the shop promised against what can be seen from outside. It shares no code with the services on purpose. */
import type { Position, TopicRecord } from './topic-reader.ts';

export interface LedgerEntry {
  readonly type: 'charge' | 'refund';
  readonly orderId: string;
  readonly amountCents: number;
  /** Of a charge: `captured` where money moved. */
  readonly status?: string;
}

/** An order that was accepted with 201, as it is now. */
export interface SeenOrder {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly totalCents: number;
}

export interface Evidence {
  readonly orders: readonly SeenOrder[];
  readonly ledger: readonly LedgerEntry[];
  /** Of orders.created, orders.paid and orders.failed. */
  readonly events: readonly TopicRecord[];
  readonly deadLetters: number;
  readonly expectedDeadLetters: number;
  /** Of the payments' group on orders.created. */
  readonly positions: readonly Position[];
}

const decidedTopic: Readonly<Record<string, string>> = {
  PAGO: 'orders.paid',
  CANCELADO: 'orders.failed',
  FALHA: 'orders.failed',
};

const cents = (entries: readonly LedgerEntry[]) => entries.reduce((sum, { amountCents }) => sum + amountCents, 0);

function moneyFaults({ id, status, totalCents }: SeenOrder, entries: readonly LedgerEntry[]): string[] {
  const captured = entries.filter((entry) => entry.type === 'charge' && entry.status === 'captured');
  const refunds = entries.filter(({ type }) => type === 'refund');
  const kept = cents(captured) - cents(refunds);
  const due = status === 'PAGO' ? totalCents : 0;
  return [
    ...(captured.length > 1 ? [`${id} was charged ${captured.length} times`] : []),
    ...(refunds.length > 1 ? [`${id} was refunded ${refunds.length} times`] : []),
    ...(kept === due ? [] : [`${id} is ${status}, but ${kept} cents are kept instead of ${due}`]),
  ];
}

const sequenceOf = ({ headers }: TopicRecord) => Number(headers.ce_sequence);

function content({ topic, key, value, headers }: TopicRecord): string {
  return JSON.stringify([topic, key, value, Object.entries(headers).sort()]);
}

/** The first occurrence of each event, in the order of the sequence. */
function firstOccurrences(events: readonly TopicRecord[]): TopicRecord[] {
  const firsts = new Map<number, TopicRecord>();
  for (const event of events) {
    const known = firsts.get(sequenceOf(event));
    if (!known || event.appendedAt < known.appendedAt) firsts.set(sequenceOf(event), event);
  }
  return [...firsts].sort(([a], [b]) => a - b).map(([, event]) => event);
}

/** The same event may be there more than once, but only as the same bytes. */
function repetitionFaults(events: readonly TopicRecord[]): string[] {
  const contents = Map.groupBy(events, ({ headers }) => headers.ce_id ?? '');
  return [...contents]
    .filter(([, occurrences]) => new Set(occurrences.map(content)).size > 1)
    .map(([id, occurrences]) => `${id} has ${new Set(occurrences.map(content)).size} contents`);
}

function sequenceFaults({ id, status, version }: SeenOrder, firsts: readonly TopicRecord[]): string[] {
  const topics = firsts.map(({ topic }) => topic).join();
  const expected = ['orders.created', ...(version > 1 ? [decidedTopic[status]] : [])].join();
  const appendedBefore = (index: number) => firsts[index - 1]?.appendedAt ?? 0;
  return [
    ...(topics === expected ? [] : [`${id} (${status}) has events on ${topics || 'no topic'}, not ${expected}`]),
    ...(firsts.every((event, index) => sequenceOf(event) === index + 1) ? [] : [`${id} has a gap in its events`]),
    ...(firsts.every(({ appendedAt }, index) => appendedAt >= appendedBefore(index))
      ? []
      : [`${id} has an event that overtook the one before it`]),
  ];
}

function eventFaults(order: SeenOrder, events: readonly TopicRecord[]): string[] {
  const { id, status } = order;
  const firsts = firstOccurrences(events);
  const last = firsts.at(-1);
  return [
    ...repetitionFaults(events),
    ...sequenceFaults(order, firsts),
    ...events.filter(({ key }) => key !== id).map(({ key, headers }) => `${headers.ce_id} has the key ${key}`),
    ...(last && JSON.parse(last.value).status !== status ? [`${id} is ${status}, its last event is not`] : []),
  ];
}

/** Everything that is wrong, one sentence each. */
export function faultsOf(evidence: Evidence): string[] {
  const { orders, ledger, events, deadLetters, expectedDeadLetters, positions } = evidence;
  const known = new Set(orders.map(({ id }) => id));
  const entriesOf = Map.groupBy(ledger, ({ orderId }) => orderId);
  const eventsOf = Map.groupBy(
    events.filter(({ headers }) => headers.ce_id !== undefined),
    ({ headers }) => headers.ce_subject ?? '',
  );
  return [
    ...orders.flatMap((order) => [
      ...(order.status in decidedTopic && order.version === 2 ? [] : [`${order.id} is undecided or decided twice`]),
      ...moneyFaults(order, entriesOf.get(order.id) ?? []),
      ...eventFaults(order, eventsOf.get(order.id) ?? []),
    ]),
    ...[...entriesOf.keys()].filter((id) => !known.has(id)).map((id) => `${id} was charged, but never accepted`),
    ...[...eventsOf.keys()].filter((id) => !known.has(id)).map((id) => `${id} was published, but never accepted`),
    ...(deadLetters === expectedDeadLetters ? [] : [`${deadLetters} dead letters instead of ${expectedDeadLetters}`]),
    ...positions
      .filter(({ end, committed }) => end !== committed)
      .map(({ partition, end, committed }) => `partition ${partition} is committed to ${committed} of ${end}`),
  ];
}
