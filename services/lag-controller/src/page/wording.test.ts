import { describe, expect, it } from '@jest/globals';
import { reasons } from '../law/decision.ts';
import { livenessOf } from './liveness.ts';
import { plotsOf } from './plan.ts';
import { pointAt } from './point.fixture.ts';
import { meaningOf } from './reason-words.ts';
import {
  decisionWords,
  formatCount,
  formatDuration,
  formatRate,
  formatShortDuration,
  headlineOf,
  pointSentence,
  remarksOf,
  replicaWords,
} from './wording.ts';

describe('figures in words', () => {
  it('have three digits', () => {
    const counts = [0, 0.123, 950, 999.6, 1_000, 12_345, 999_499, 999_500, 4_560_000];
    expect(counts.map(formatCount)).toEqual(['0', '0.123', '950', '1k', '1k', '12.3k', '999k', '1M', '4.56M']);
    expect(formatRate(12.34)).toBe('12.3/s');
  });

  it('have durations in the units that one would say', () => {
    const seconds = [0, 0.44, 9.96, 42, 59.7, 200, 3_599.6, 7_500];
    expect(seconds.map(formatDuration)).toEqual([
      '0 s',
      '0.4 s',
      '10 s',
      '42 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min',
    ]);
    expect([0, 60, 90, 120, 3_600].map(formatShortDuration)).toEqual(['0 s', '60 s', '90 s', '2 min', '1 h']);
  });

  it('say that they are unknown', () => {
    expect([formatCount(undefined), formatDuration(undefined), formatRate(undefined)]).toEqual(
      Array(3).fill('unknown'),
    );
    expect(replicaWords(pointAt(0, { current: undefined, ready: undefined }))).toBe('unknown');
  });
});

describe('a round in words', () => {
  it('says what was decided, and how many replicas are ready of those that exist', () => {
    expect(decisionWords(pointAt(0, { action: 'up', desired: 4, reason: 'objective-at-risk' }))).toBe(
      'Up to 4: objective at risk',
    );
    expect(decisionWords(pointAt(0, { desired: undefined, reason: 'unknown-data' }))).toBe('Hold: unknown data');
    expect(replicaWords(pointAt(0, { current: 4, ready: 2 }))).toBe('2 ready of 4');
    expect(replicaWords(pointAt(0))).toBe('3 ready');
  });

  it('is one sentence with everything that is drawn, why it was not done, and what went wrong', () => {
    const point = pointAt(0, { ageSeconds: undefined, withheld: 'dry-run', faults: ['topics: away'] });
    expect(pointSentence(point, '12:00:00')).toBe(
      '12:00:00; age unknown; 10 waiting; replicas 3 ready, 3 wanted; 6 partitions; arriving 5/s; handled 5/s; ' +
        'Hold at 3: steady; dry run: nothing is written; topics: away',
    );
  });

  it('names the partitions to look at', () => {
    const stalled = [{ partition: 3, offset: 17, forSeconds: 130 }];
    expect(remarksOf(pointAt(0, { stalled, unseen: [1, 2, 5], hot: [4] }))).toEqual([
      'partition 3 stands still at offset 17 for 2 min 10 s',
      'partitions 1, 2 and 5 could not be read',
      'partition 4: more than one replica can do',
    ]);
    expect(remarksOf(pointAt(0))).toEqual([]);
  });

  it('holds the objective up to it, and is not said to hold it when nothing is known', () => {
    expect([headlineOf(30, 30), headlineOf(30.1, 30), headlineOf(undefined, 30)].map(({ state }) => state)).toEqual([
      'within',
      'over',
      'unknown',
    ]);
  });

  it.each(reasons)('explains %s in a sentence', (reason) => {
    expect(meaningOf(reason).sentence).toMatch(/^[A-Z].*\.$/);
  });
});

describe('the plots', () => {
  it('have room for the objective, and for every value, however small', () => {
    for (const plot of plotsOf({ lagSeconds: 45 })) {
      expect(plot.ticks(0).at(-1)).toBeGreaterThan(plot.objective ?? 0);
      expect(plot.ticks(1_234.5).at(-1)).toBeGreaterThanOrEqual(1_234.5);
    }
  });
});

describe('the connection in words', () => {
  const feed = { connection: 'open', newestAtMs: 100_000, intervalMs: 5_000 } as const;

  it('is live while rounds come', () => {
    expect(livenessOf(feed, 114_000)).toEqual({ state: 'live', words: 'live' });
  });

  it('is not live when it is open, but no round has come for three intervals', () => {
    expect(livenessOf(feed, 116_000)).toEqual({ state: 'stale', words: 'data 16 s old' });
    expect(livenessOf({ ...feed, intervalMs: 60_000 }, 116_000).state).toBe('live');
    expect(livenessOf({ ...feed, newestAtMs: undefined }, 116_000).words).toBe('no data yet');
  });

  it('says since when it is lost, and how old the data is', () => {
    expect(livenessOf({ ...feed, connection: 'lost', lostSince: '12:00:05' }, 102_000).words).toBe(
      'connection lost since 12:00:05, data 2 s old',
    );
    expect(livenessOf({ ...feed, connection: 'connecting' }, 102_000).state).toBe('connecting');
  });
});
