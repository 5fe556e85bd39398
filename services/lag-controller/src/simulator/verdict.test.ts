import { describe, expect, it } from '@jest/globals';
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
      { ...result('x', 'ramp', [1, 10, 1], 2), p99AgeSeconds: 5 },
    ]);
    expect(sum).toMatchObject({ violationSeconds: 16, replicaSeconds: 160, rebalances: 4 });
    expect(sum?.p99AgeSeconds).toBe(5);
  });

  it('holds all three aims where they are reached', () => {
    expect(verdicts(won, 'lag-controller').map(({ claim, holds }) => [claim, holds])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });

  it('names the scenarios that are lost although the sum is won', () => {
    const drawn = [result('lag-controller', 'noisy', [3, 1, 1]), result('keda-50', 'noisy', [3, 1, 1])];
    expect(lostScenarios([...won, ...drawn], 'lag-controller', 'keda-50')).toEqual(['step (10 s against 4 s)']);
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

  it('compares with the best setting where none reaches it, and with nothing that was not run', () => {
    const alone = won.filter(({ controller }) => controller !== 'keda-50');
    const [, cheaper] = verdicts(alone, 'lag-controller');
    expect(cheaper).toMatchObject({ claim: 'b', holds: false });
    expect(cheaper?.sentence).toContain('no KEDA setting reaches that; replica-seconds +220 % to the cheapest');
    expect(verdicts(won, 'static-6')).toEqual([]);
    expect(verdicts([...won.slice(0, 2)], 'lag-controller')).toEqual([]);
  });

  it('tells by how much it is cheaper', () => {
    const [, cheaper, near] = verdicts(won, 'lag-controller');
    expect(cheaper?.sentence).toBe(
      '1 KEDA settings reach that; replica-seconds −20 % to the cheapest compared (keda-50), rebalances −40 % to the calmest (keda-50)',
    );
    expect(near?.sentence).toContain('replica-seconds +7 % to the oracle');
  });
});
