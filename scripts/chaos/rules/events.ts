import type { EventLine, OrderLine } from '../history.ts';
import { decisionTopics, type Rule } from './rule.ts';

const sequenceOf = ({ headers }: EventLine) => Number(headers.ce_sequence);

/** The first occurrence of each event, in the order of the sequence. */
function firstOccurrences(events: readonly EventLine[]): EventLine[] {
  const firsts = new Map<number, EventLine>();
  for (const event of events) {
    const known = firsts.get(sequenceOf(event));
    if (!known || event.appendedAt < known.appendedAt) firsts.set(sequenceOf(event), event);
  }
  return [...firsts].sort(([a], [b]) => a - b).map(([, event]) => event);
}

function publicationFaults({ id, status, version }: OrderLine, events: readonly EventLine[]): string[] {
  const firsts = firstOccurrences(events);
  const topics = firsts.map(({ topic }) => topic).join();
  const expected = ['orders.created', ...(version > 1 ? [decisionTopics[status]] : [])].join();
  const last = firsts.at(-1);
  return [
    ...(topics === expected ? [] : [`${id} (${status}) has events on ${topics || 'no topic'}, not ${expected}`]),
    ...(last && JSON.parse(last.value).status !== status ? [`${id} is ${status}, its last event is not`] : []),
  ];
}

export const allPublished: Rule = {
  promise: 'every change is published, and nothing else',
  faults: ({ orders, events }) => [
    ...[...orders.values()].flatMap((order) => publicationFaults(order, events.get(order.id) ?? [])),
    ...[...events.keys()].filter((id) => !orders.has(id)).map((id) => `${id} was published and was never an order`),
  ],
};

export const inSequence: Rule = {
  promise: "an order's events come in their sequence, under its key",
  faults: ({ events }) =>
    [...events].flatMap(([id, all]) => {
      const firsts = firstOccurrences(all);
      const overtaken = firsts.some(({ appendedAt }, index) => appendedAt < (firsts[index - 1]?.appendedAt ?? 0));
      return [
        ...(firsts.every((event, index) => sequenceOf(event) === index + 1) ? [] : [`${id} has a gap in its events`]),
        ...(overtaken ? [`${id} has an event that overtook the one before it`] : []),
        ...all.filter(({ key }) => key !== id).map(({ key, headers }) => `${headers.ce_id} has the key ${key}`),
      ];
    }),
};

/** The same event may be there more than once, but only as the same bytes. */
export const oneEffect: Rule = {
  promise: 'a change has one event, however often it is sent',
  faults: ({ events }) => {
    const contents = Map.groupBy([...events.values()].flat(), ({ headers }) => headers.ce_id ?? '');
    return [...contents]
      .map(([id, occurrences]) => ({ id, count: new Set(occurrences.map(contentOf)).size }))
      .filter(({ count }) => count > 1)
      .map(({ id, count }) => `${id} has ${count} contents`);
  },
};

function contentOf({ topic, key, value, headers }: EventLine): string {
  return JSON.stringify([topic, key, value, Object.entries(headers).sort()]);
}
