import type { Evidence } from '../evidence.ts';
import type { CommittedLine } from '../history.ts';
import type { Rule } from './rule.ts';

/** Orders by partition and offset; a dead letter is finished too, and names the record that it was. */
function deliveries({ events, deadLetters }: Evidence) {
  const dead = new Set(
    deadLetters.map(({ headers }) => `${headers['__dlq.errors.partition']}/${headers['__dlq.errors.offset']}`),
  );
  return [...events]
    .flatMap(([orderId, all]) => all.map(({ topic, partition, offset }) => ({ orderId, topic, partition, offset })))
    .filter(({ topic, partition, offset }) => topic === 'orders.created' && !dead.has(`${partition}/${offset}`));
}

function passed(delivered: ReturnType<typeof deliveries>, { offsets }: CommittedLine, finished: ReadonlySet<string>) {
  const upTo = new Map(offsets.map(({ partition, committed }) => [partition, committed]));
  return delivered
    .filter(({ partition, offset, orderId }) => offset < (upTo.get(partition) ?? 0) && !finished.has(orderId))
    .map(
      ({ partition, offset, orderId }) => `partition ${partition} was committed past ${offset}: ${orderId} was open`,
    );
}

export const nonePassed: Rule = {
  promise: 'no offset is committed past an unfinished message',
  faults(evidence) {
    const delivered = deliveries(evidence);
    const finished = new Set<string>();
    const faults = new Set<string>();
    let committed: CommittedLine | undefined;
    for (const line of evidence.progress) {
      if (line.kind === 'committed') {
        committed = line;
        continue;
      }
      for (const id of line.orderIds) finished.add(id);
      if (committed) for (const fault of passed(delivered, committed, finished)) faults.add(fault);
    }
    return [...faults];
  },
};

export const noneDeadLettered: Rule = {
  promise: 'nothing is dead-lettered by an outage',
  faults: ({ deadLetters, run: { expectedDeadLetters } }) =>
    deadLetters.length === expectedDeadLetters
      ? []
      : [`${deadLetters.length} dead letters instead of ${expectedDeadLetters}`],
};

const unfinishedPayments = new Set(['processing', 'refunding']);

export const comesToRest: Rule = {
  promise: 'in the end nothing waits any more',
  faults: ({ positions, orders, payments }) => [
    ...positions
      .filter(({ end, committed }) => end !== committed)
      .map(({ partition, end, committed }) => `partition ${partition} is committed to ${committed} of ${end}`),
    ...[...orders.values()]
      .filter(({ unsent }) => unsent > 0)
      .map(({ id, unsent }) => `${id} has ${unsent} events unsent`),
    ...payments
      .filter(({ status, unsent }) => unsent > 0 || unfinishedPayments.has(status))
      .map(({ orderId, status, unsent }) => `the payment of ${orderId} is ${status}, with ${unsent} duties undone`),
  ],
};
