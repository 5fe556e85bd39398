import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../services/shared/src/seeded-random.ts';
import { type FaultKind, faultKinds, planFaults } from './fault-plan.ts';

const all = Object.keys(faultKinds) as FaultKind[];
const plan = (seed: number, kills: number, kinds: readonly FaultKind[] = all, durationMs = 60_000) =>
  planFaults({ random: seededRandom(seed), kills, kinds, durationMs });

const seeds = fc.nat();
const kills = fc.integer({ min: 1, max: 200 });

describe('a plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(fc.property(seeds, kills, (seed, count) => expect(plan(seed, count)).toEqual(plan(seed, count))));
    expect(plan(1, 12)).not.toEqual(plan(2, 12));
  });

  it('has as many kills as were asked for, in order and within the time', () => {
    fc.assert(
      fc.property(seeds, kills, (seed, count) => {
        const planned = plan(seed, count);
        expect(planned.filter(({ fault }) => fault === 'kill')).toHaveLength(count);
        expect(planned.map(({ atMs }) => atMs)).toEqual(planned.map(({ atMs }) => atMs).sort((a, b) => a - b));
        expect(planned.every(({ atMs }) => atMs >= 0 && atMs <= 60_000)).toBe(true);
      }),
    );
  });

  it('has every fault of the chosen kinds and none of the others', () => {
    fc.assert(
      fc.property(seeds, kills, fc.subarray(all), (seed, count, kinds) => {
        const planned = new Set<string>(plan(seed, count, kinds).map(({ fault }) => fault));
        expect(planned).toEqual(new Set(kinds.flatMap((kind) => faultKinds[kind])));
      }),
    );
  });

  it('scales up and down in turns, and ends with few', () => {
    fc.assert(
      fc.property(seeds, kills, (seed, count) => {
        const scalings = plan(seed, count, ['scale']).map(({ fault }) => fault);
        expect(scalings).toEqual(scalings.map((_, index) => (index % 2 === 0 ? 'scale-up' : 'scale-down')));
        expect(scalings.length % 2).toBe(0);
      }),
    );
  });

  it('freezes for longer than a lease and a session last', () => {
    const freezes = plan(3, 100).filter(({ fault }) => fault === 'freeze');
    expect(Math.min(...freezes.map(({ forMs }) => forMs))).toBeGreaterThan(7_000);
  });

  it('freezes a broker for longer than its session, and comes back before a send has ended or after it', () => {
    const times = plan(3, 100).flatMap(({ fault, forMs }) => (fault === 'broker-freeze' ? [forMs] : []));
    expect(Math.min(...times)).toBeGreaterThan(3_500);
    expect(Math.min(...times)).toBeLessThan(5_000);
    expect(Math.max(...times)).toBeGreaterThan(5_000);
  });
});
