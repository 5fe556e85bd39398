import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import { observe } from './observe.ts';
import { policyOf } from './policy.ts';
import type { Round, Scaler } from './scaler.ts';
import { decide } from './scaling.ts';
import { newTimelines } from './timeline.ts';

const policy = policyOf({ lagSeconds: 10 });
const scaler = (name: string): Scaler => ({
  name,
  group: 'g',
  topic: 't',
  policy,
  dryRun: false,
  target: { read: () => Promise.reject(new Error('unused')), scale: async () => {} },
});

function blindRound(name: string, atMs: number): Round {
  const observation = { atMs };
  const decision = decide(observe(newHistory(), observation, policy), policy, atMs);
  return { scaler: name, observation, decision, learned: {}, faults: ['topics: away'] };
}

describe('the timeline', () => {
  it('keeps the rounds of the last while, of each scaler by itself', () => {
    const timelines = newTimelines(10_000);
    for (const atMs of [0, 5_000, 10_000, 15_000]) timelines.add(scaler('b'), blindRound('b', atMs));
    timelines.add(scaler('a'), blindRound('a', 1_000));
    expect(timelines.of('b')?.points.map(({ atMs }) => atMs)).toEqual([10_000, 15_000]);
    expect(timelines.all().map((one) => one.scaler)).toEqual(['a', 'b']);
    timelines.forget('b');
    expect(timelines.of('b')).toBeUndefined();
  });

  it('leaves out what was not known, and keeps the reason', () => {
    const timelines = newTimelines();
    timelines.add(scaler('a'), blindRound('a', 1_000));
    const [point] = timelines.of('a')?.points ?? [];
    expect(point).toMatchObject({ action: 'hold', faults: ['topics: away'] });
    expect([point?.backlog, point?.current, point?.partitions]).toEqual([undefined, undefined, undefined]);
  });
});
