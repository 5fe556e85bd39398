import { describe, expect, it } from '@jest/globals';
import { paretoPlot } from './pareto-plot.ts';
import type { Result } from './simulate.ts';
import { paretoFront, summarize } from './summary.ts';
import { lostScenarios, verdicts } from './verdict.ts';

function result(
  controller: string,
  scenario: string,
  [violationSeconds, replicaSeconds, rebalances]: [number, number, number],
  seed = 1,
): Result {
  return {
    controller,
    scenario,
    seed,
    violationSeconds,
    replicaSeconds,
    rebalances,
    p99AgeSeconds: 1,
    drainSeconds: 0,
  };
}

const won = [
  result('lag-controller', 'step', [10, 800, 6]),
  result('lag-controller', 'ramp', [0, 800, 6]),
  result('keda-50', 'step', [4, 1_000, 10]),
  result('keda-50', 'ramp', [6, 1_000, 10]),
  result('keda-500', 'step', [90, 500, 10]),
  result('oracle', 'step', [10, 750, 9]),
  result('oracle', 'ramp', [0, 750, 9]),
];

describe('what the runs show', () => {
  it('sums over scenarios what it averages over seeds', () => {
    const [sum] = summarize([
      result('x', 'step', [10, 100, 2], 1),
      result('x', 'step', [20, 200, 4], 2),
      result('x', 'ramp', [1, 10, 1], 1),
      result('x', 'ramp', [1, 10, 1], 2),
    ]);
    expect(sum).toMatchObject({ violationSeconds: 16, replicaSeconds: 160, rebalances: 4 });
  });

  it('holds all three aims where they are reached', () => {
    expect(verdicts(won, 'lag-controller').map(({ claim, holds }) => [claim, holds])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });

  it('names the scenarios that are lost although the sum is won', () => {
    expect(lostScenarios(won, 'lag-controller', 'keda-50')).toEqual(['step (10 s against 4 s)']);
    expect(verdicts(won, 'lag-controller')[0]?.sentence).toContain('step (10 s against 4 s)');
  });

  it('fails (a) by a second, (b) by a setting that reaches (a) and is as cheap, and (c) by replicas or by violations', () => {
    const holds = (...more: Result[]) => verdicts([...won, ...more], 'lag-controller').map((verdict) => verdict.holds);
    expect(holds(result('keda-10', 'step', [9, 2_000, 99]))).toEqual([false, true, true]);
    expect(holds(result('keda-10', 'step', [10, 1_700, 99]))).toEqual([true, false, true]);
    expect(holds(result('keda-10', 'step', [10, 9_999, 13]))).toEqual([true, false, true]);
    const nearer = (cost: number, violation: number) =>
      verdicts([...won.slice(0, 5), result('oracle', 'step', [violation, cost, 9])], 'lag-controller')[2]?.holds;
    expect([nearer(1_500, 10), nearer(1_300, 10), nearer(1_500, 9)]).toEqual([true, false, false]);
  });

  it('has those in the front that nobody beats in every respect', () => {
    expect(paretoFront(summarize(won)).map(({ controller }) => controller)).toEqual([
      'lag-controller',
      'keda-500',
      'oracle',
    ]);
  });

  it('is drawn as one well-formed picture with a dot for each controller', () => {
    const plot = paretoPlot(summarize(won), 'A & B');
    expect(plot.match(/<title>/g)).toHaveLength(4);
    expect(plot).toContain('A &amp; B');
    expect(plot).not.toMatch(/NaN|Infinity|undefined/);
  });
});
