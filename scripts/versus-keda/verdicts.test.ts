import { describe, expect, it } from '@jest/globals';
import type { Figures } from './figures.ts';
import { loads, sentBy } from './loads.ts';
import { merged, type Recorded } from './recorded.ts';
import { bestOf, type Outcome, verdictsOf } from './verdicts.ts';

const outcome = (side: string, ...runs: Partial<Figures>[]): Outcome => ({
  side: { name: side, kind: side === 'ours' ? 'ours' : 'keda' },
  runs: runs.map((changes) => ({
    ...{ drainSeconds: 60, secondsOver: 0, p99AgeSeconds: 1, replicaSeconds: 500, changes: 2, rebalances: 4 },
    ...changes,
  })),
});
const held = (ours: Partial<Figures>, keda: Partial<Figures> = {}) =>
  verdictsOf(outcome('ours', ours), outcome('keda', keda)).map(({ holds }) => holds);

describe("KEDA's best", () => {
  it('is the setting that drains soonest, and the cheaper of two that are as quick', () => {
    const slow = outcome('slow', { drainSeconds: 80, replicaSeconds: 1 });
    const dear = outcome('dear', { replicaSeconds: 600 });
    const cheap = outcome('cheap', {});
    expect(bestOf([slow, dear, cheap])).toBe(cheap);
  });

  it('is soonest in the median, not in one run', () => {
    const drains = (...seconds: number[]) => seconds.map((drainSeconds) => ({ drainSeconds }));
    const lucky = outcome('lucky', ...drains(10, 80, 80));
    const steady = outcome('steady', ...drains(70, 70, 70));
    expect(bestOf([lucky, steady])).toBe(steady);
  });

  it('is never ours', () => {
    expect(bestOf([outcome('ours', { drainSeconds: 1 })])).toBeUndefined();
  });
});

describe('a bar', () => {
  it('is held at its very value, and missed above it', () => {
    expect(held({ drainSeconds: 36, replicaSeconds: 500, rebalances: 2 })).toEqual([true, true, true]);
    expect(held({ drainSeconds: 37, replicaSeconds: 501, rebalances: 3 })).toEqual([false, false, false]);
  });

  it('is held where the median of the ratios is, each of the sides of one run', () => {
    const drains = (...seconds: number[]) => seconds.map((drainSeconds) => ({ drainSeconds }));
    const verdicts = (...keda: number[]) =>
      verdictsOf(outcome('ours', ...drains(50, 30, 60)), outcome('keda', ...drains(...keda)))[0];
    expect(verdicts(100, 50, 80)).toMatchObject({
      holds: true,
      sentence: '50 s against 80 s (keda), 0.60 of it (0.50 to 0.75)',
    });
    expect(verdicts(100, 49, 80)?.holds).toBe(false);
  });

  it('is held by nothing against nothing, and missed by something', () => {
    expect(held({ rebalances: 0 }, { rebalances: 0 })[2]).toBe(true);
    expect(held({ rebalances: 1 }, { rebalances: 0 })[2]).toBe(false);
  });

  it('of time to the full count wants one step and six seconds', () => {
    const quick = { drainSeconds: 1, replicaSeconds: 1, rebalances: 1 };
    const full = (reached: Figures['full']) => held({ ...quick, ...(reached && { full: reached }) })[3];
    expect(full({ seconds: 6, steps: 1 })).toBe(true);
    expect(full({ seconds: 6.5, steps: 1 })).toBe(false);
    expect(full({ seconds: 3, steps: 2 })).toBe(false);
    expect(full('never')).toBe(false);
    expect(full(undefined)).toBeUndefined();
  });
});

describe('a load', () => {
  it('sends its rate, and its backlog at once', () => {
    const sent = sentBy({ name: '', about: '', seconds: 3, rate: () => 10, backlog: { second: 1, messages: 50 } });
    expect(sent).toHaveLength(30);
    expect(sent.slice(8, 12)).toEqual([9, 10, 61, 62]);
    expect(sent.at(-1)).toBe(80);
  });

  it.each(loads)('$name is less than all consumers can do, but for what is there at once', ({ rate, seconds }) => {
    const rates = Array.from({ length: seconds }, (_, second) => rate(second));
    expect(Math.max(...rates)).toBeLessThan(120);
  });
});

describe('a record', () => {
  const recordOf = (keda: string, ...names: string[]): Recorded => ({
    ...{ measuredAt: '', machine: { cores: 1, processor: '', memoryGiB: 1 }, kubernetes: '', keda },
    loads: names.map((load) => ({
      load,
      about: keda,
      seconds: 1,
      apartSeconds: 0,
      lateSeconds: 0,
      blindSeconds: 0,
      sides: [],
    })),
  });

  it('keeps the loads that were not played again, in their order, and what they were measured on', () => {
    const { loads: kept, keda } = merged(recordOf('2.17', 'burst', 'step'), recordOf('2.18', 'diurnal', 'burst'));
    expect(keda).toBe('2.18');
    expect(kept.map(({ load, about }) => `${load} ${about}`)).toEqual(['burst 2.18', 'step 2.17', 'diurnal 2.18']);
    expect(kept.map(({ origin }) => origin?.keda)).toEqual([undefined, '2.17', undefined]);
  });
});
