import { describe, expect, it } from '@jest/globals';
import type { Result } from '../../services/lag-controller/src/simulator/simulate.ts';
import { gridPage } from './grid-page.ts';
import { gridEntry, withEntry } from './grid-record.ts';

const setting = { partitions: 6, messagesPerSecondPerReplica: 45, rebalanceSeconds: 2 };

function result(controller: string, violationSeconds: number, replicaSeconds: number, rebalances: number): Result {
  return {
    controller,
    scenario: 'step',
    seed: 11,
    violationSeconds,
    replicaSeconds,
    rebalances,
    p99AgeSeconds: 1,
    drainSeconds: 0,
  };
}

const entry = gridEntry(setting, [
  result('lag-controller', 10, 36_000, 6),
  result('keda-10', 9, 72_000, 10),
  result('keda-500', 90, 36_000, 50),
  result('oracle', 10, 34_000, 9),
]);

describe('the grid', () => {
  it('shows the best KEDA setting of each setting beside the law, and says which aim is missed', () => {
    expect(gridPage([entry])).toContain(
      '| 6 | 45 | 2 | 11 | 10 / 10 / 6 | – | 10: 9 / 20 / 10 | 10 / 9 / 9 | no | yes | yes |',
    );
    expect(gridPage([entry])).toContain('(a) holds in 0 of 1, (b) holds in 1 of 1, (c) holds in 1 of 1.');
  });

  it('names the first and the last of seeds in a row', () => {
    expect(gridPage([{ ...entry, seeds: [11, 12, 13] }])).toContain('| 6 | 45 | 2 | 11–13 |');
    expect(gridPage([{ ...entry, seeds: [11, 13, 14] }])).toContain('| 6 | 45 | 2 | 11, 13, 14 |');
  });

  it('keeps what other settings have shown, in the order of the settings', () => {
    const later = { ...entry, setting: { ...setting, partitions: 12 } };
    const again = { ...entry, seeds: [12] };
    expect(withEntry([later], entry)).toEqual([entry, later]);
    expect(withEntry([entry, later], again)).toEqual([again, later]);
  });
});
