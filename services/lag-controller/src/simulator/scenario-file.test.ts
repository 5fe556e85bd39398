import { describe, expect, it } from '@jest/globals';
import { parseScenarios } from './scenario-file.ts';

const plain = {
  name: 'plain',
  durationSeconds: 60,
  partitions: 3,
  messagesPerSecondPerReplica: 10,
  startSeconds: 5,
  rebalanceSeconds: 2,
  commitSeconds: 5,
  sloSeconds: 30,
  rate: [
    [0, 5],
    [30, 10],
  ],
};

describe('a file of scenarios', () => {
  it('is read with all kinds of events', () => {
    const events = [
      { at: 1, until: 2, kind: 'slow', factor: 0.5 },
      { at: 1, until: 2, kind: 'outage' },
      { at: 1, until: 2, kind: 'unknown-partitions', partitions: [0] },
      { at: 1, until: 2, kind: 'poison', partition: 2 },
      { at: 1, until: 2, kind: 'downstream-cap', messagesPerSecond: 5 },
      { at: 1, kind: 'partitions', count: 6 },
      { at: 1, kind: 'rolling-update' },
      { at: 1, kind: 'lost-replica', sessionSeconds: 30 },
      { at: 1, kind: 'controller-restart' },
    ];
    expect(parseScenarios(JSON.stringify([{ ...plain, weights: [1, 2, 1], events }]))).toEqual([
      { ...plain, weights: [1, 2, 1], events },
    ]);
  });

  it.each([
    ['sloSeconds', { sloSeconds: 0 }],
    [
      'rate[1]',
      {
        rate: [
          [10, 5],
          [5, 5],
        ],
      },
    ],
    ['colour', { colour: 'red' }],
    ['events[0].partition', { events: [{ at: 1, until: 2, kind: 'poison', partition: 3 }] }],
    ['events[0].partitions', { events: [{ at: 1, until: 2, kind: 'unknown-partitions', partitions: [0, 3] }] }],
    ['events[0].until', { events: [{ at: 2, until: 2, kind: 'outage' }] }],
    ['events[0].kind', { events: [{ at: 2, until: 3, kind: 'flood' }] }],
    ['partitions', { partitions: 1.5 }],
  ])('is refused in one sentence that names %s', (field, change) => {
    const read = () => parseScenarios(JSON.stringify([{ ...plain, ...change }]));
    expect(read).toThrow(field);
    expect(read).toThrow(/^scenarios\[0\].*\.$/);
  });

  it('may name a partition that is added later', () => {
    const events = [
      { at: 1, until: 2, kind: 'poison', partition: 5 },
      { at: 1, kind: 'partitions', count: 6 },
    ];
    expect(parseScenarios(JSON.stringify([{ ...plain, events }]))).toHaveLength(1);
  });

  it('is refused when it is not JSON, or holds no scenario', () => {
    expect(() => parseScenarios('[')).toThrow(/not JSON/);
    expect(() => parseScenarios('[]')).toThrow(/^scenarios .*\.$/);
  });
});
