import { describe, expect, it } from '@jest/globals';
import { error, realityTable } from './report.ts';

const measured = { violationSeconds: 0, p99AgeSeconds: 3.14, replicaSeconds: 300, rebalances: 2, drainSeconds: 9 };

describe('how far the simulation is off', () => {
  it('is told with its sign and its share of what is real', () => {
    expect(error(15, 12)).toBe('+3 (+25 %)');
    expect(error(9, 12)).toBe('−3 (−25 %)');
    expect(error(12, 12.01)).toBe('±0');
    expect(error(4, 0)).toBe('+4');
  });

  it('is told for each measure of each scenario, with the times that were measured', () => {
    const real = { ...measured, replicaSeconds: 320, startSeconds: 2.24, rebalanceSeconds: 0.5, lateSeconds: 0.1 };
    const text = realityTable([{ scenario: 'burst', simulated: measured, real }]);
    expect(text).toMatch(/^burst +replica-seconds +300 +320 +−20 \(−6 %\)$/m);
    expect(text).toMatch(/^burst +violation s +0 +0 +±0$/m);
    expect(text).not.toContain('too much else to do');
    const late = realityTable([{ scenario: 'burst', simulated: measured, real: { ...real, lateSeconds: 1.1 } }]);
    expect(late).toContain('burst: this machine had too much else to do');
    expect(text).toContain('burst: a replica began to join after 2.2 s, a rebalance took 0.5 s');
  });
});
