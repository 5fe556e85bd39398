import { describe, expect, it } from '@jest/globals';
import { planSimulations } from './plan.ts';

describe('what is to be simulated', () => {
  it('is every scenario with every seed, for KEDA over its settings too', async () => {
    const [usual, ...more] = await planSimulations({ seeds: '4,5' });
    expect(more).toEqual([]);
    expect(new Set(usual?.jobs.map(({ seed }) => seed))).toEqual(new Set([4, 5]));
    expect(usual?.jobs[0]?.controllers.filter((name) => name.startsWith('keda-')).length).toBeGreaterThan(50);
  });

  it('is four sizes, three speeds and three rebalance costs with --grid', async () => {
    const settings = await planSimulations({ grid: true });
    expect(new Set(settings.map(({ title }) => title)).size).toBe(36);
    expect(settings[0]?.jobs[0]?.controllers).toContain('oracle');
    const [asked] = await planSimulations({ grid: true, controllers: 'oracle,static-6' });
    expect(asked?.jobs[0]?.controllers).toEqual(['oracle', 'static-6']);
  });

  it('is a part of the grid with --partitions', async () => {
    const settings = await planSimulations({ grid: true, partitions: '50,24' });
    expect(settings.map(({ setting }) => setting?.partitions)).toEqual([...Array(9).fill(24), ...Array(9).fill(50)]);
  });

  it.each([
    ['--seeds', { seeds: '1,x' }],
    ['--seeds', { seeds: '' }],
    ['--controllers', { controllers: 'lag-controller,kedda-10' }],
    ['--controllers', { controllers: 'static-0' }],
    ['--scenarios', { scenarios: '/nowhere/scenarios.json' }],
    ['--grid', { grid: true, scenarios: 'scenarios.json' }],
    ['--grid', { record: true }],
    ['--grid', { partitions: '24' }],
    ['--partitions', { grid: true, partitions: '24,7' }],
    ['--grid', { grid: true, plot: 'front.svg' }],
  ])('is refused in a sentence that names %s', async (flag, wishes) => {
    await expect(planSimulations(wishes)).rejects.toThrow(flag);
  });
});
