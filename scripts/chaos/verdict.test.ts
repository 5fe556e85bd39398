import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { breaches } from './breaches.fixture.ts';
import type { HistoryLine } from './history.ts';
import { keptHistory, someFates } from './kept-history.fixture.ts';
import { judge } from './verdict.ts';

const broken = (history: readonly HistoryLine[]) =>
  judge(history)
    .filter(({ faults }) => faults.length > 0)
    .map(({ promise }) => promise);

describe('the rules', () => {
  it('find nothing in any history in which every promise was kept', () => {
    fc.assert(fc.property(someFates, (fates) => expect(broken(keptHistory(...fates))).toEqual([])));
  });

  it.each(breaches)('see %s', (_, fate, promise, breach) => {
    expect(broken(breach(keptHistory(fate)))).toContain(promise);
  });

  it.each(breaches)('see %s among any number of well-kept orders', (_, fate, promise, breach) => {
    fc.assert(
      fc.property(someFates, (others) => expect(broken(breach(keptHistory(fate, ...others)))).toContain(promise)),
      { numRuns: 20 },
    );
  });

  it('are all broken by some history here', () => {
    const promises = judge(keptHistory('paid')).map(({ promise }) => promise);
    expect(new Set(breaches.map(([, , promise]) => promise))).toEqual(new Set(promises));
  });

  it('say nothing about notifications where none ran', () => {
    const history = keptHistory('paid').map((line) =>
      line.kind === 'run' ? { kind: 'run' as const, seed: 1, expectedDeadLetters: 0 } : line,
    );
    expect(judge(history).map(({ promise }) => promise)).not.toContain('every decision is notified once');
  });

  it('let a commit pass over a message that was dead-lettered, where that was meant', () => {
    const letter: HistoryLine = {
      kind: 'dead-letter',
      topic: 'payments-service-group.orders.created.dlq',
      partition: 0,
      offset: 0,
      key: 'order-0',
      value: '',
      headers: { '__dlq.errors.partition': '0', '__dlq.errors.offset': '0' },
      appendedAt: 1,
    };
    const history = keptHistory('paid').map((line) =>
      line.kind === 'run' ? { ...line, expectedDeadLetters: 1 } : line,
    );
    const ahead: HistoryLine[] = [
      { kind: 'committed', offsets: [{ partition: 0, committed: 1 }] },
      { kind: 'finished', orderIds: [] },
    ];
    expect(broken([...ahead, ...history, letter])).toEqual([]);
  });
});
