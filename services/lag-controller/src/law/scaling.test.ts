import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import type { Observation } from './observation.ts';
import { type Policy, policyOf } from './policy.ts';
import { decide } from './scaling.ts';
import { calm, decideAfter, live, policy } from './world.fixture.ts';

/** A replica that had nothing to do but was rebalanced. */
const told = (replica: string, count: number, seconds: number) => ({
  ...{ replica, handled: 0, busySeconds: 0, concurrency: 1 },
  rebalances: { count, seconds },
});

describe('decide', () => {
  it('leaves a group alone that keeps up with as many as it needs', () => {
    expect(decideAfter({ replicas: 3 })).toMatchObject({ replicas: 3, action: 'hold', reason: 'steady' });
  });

  it('jumps in one step to the count whose busiest consumer can do its load', () => {
    const decision = decideAfter({ arrival: 30, finished: 50 / 6, replicas: 2, seconds: 40 });
    expect(decision).toMatchObject({ replicas: 12, action: 'up', reason: 'objective-at-risk' });
  });

  it('comes down when the surplus has cost what the rebalance will', () => {
    expect(decideAfter({ replicas: 12 })).toMatchObject({ replicas: 3, action: 'down', reason: 'load-fell' });
    expect(decideAfter({ replicas: 12, seconds: 380 })).toMatchObject({
      replicas: 12,
      action: 'hold',
      reason: 'steady',
    });
  });

  it('waits a minute before it comes down, however cheap that is, and less where the objective is short', () => {
    const [cheap, strict] = [40, 12].map((lagSeconds) =>
      policyOf({ ...policy, lagSeconds, rebalanceSeconds: 0.1 }),
    ) as [Policy, Policy];
    const fell = { replicas: 12, arrival: 2, finished: 2 };
    expect(decideAfter({ ...fell, seconds: 55 }, cheap).action).toBe('hold');
    expect(decideAfter({ ...fell, seconds: 65 }, cheap).action).toBe('down');
    expect(decideAfter({ ...fell, seconds: 20 }, strict).action).toBe('hold');
    expect(decideAfter({ ...fell, seconds: 35 }, strict).action).toBe('down');
  });

  it('comes down from the smallest surplus too, after twenty minutes', () => {
    expect(decideAfter({ replicas: 4, seconds: 1_195 })).toMatchObject({ replicas: 4, action: 'hold' });
    expect(decideAfter({ replicas: 4, seconds: 1_205 })).toMatchObject({ replicas: 3, reason: 'load-fell' });
  });

  it('asks for no more than the live partitions, whatever the policy allows', () => {
    const decision = decideAfter({ partitions: 3, replicas: 5 }, policyOf({ ...policy, maxReplicas: 9 }));
    expect(decision).toMatchObject({ replicas: 3, action: 'down', reason: 'above-maximum' });
  });

  it('raises to the minimum', () => {
    const decision = decideAfter({ replicas: 1 }, policyOf({ ...policy, minReplicas: 2 }));
    expect(decision).toMatchObject({ replicas: 2, action: 'up', reason: 'below-minimum' });
  });

  it('counts a rebalance that was over before the next look', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      group: { state: 'Stable', members: one.atMs < 60_000 ? 3 : 4 },
    });
    expect(decideAfter({ replicas: 3, change }).terms.rebalancesLastHour).toBe(1);
  });

  it('takes one that no look saw for a third of the time between two, and comes down the sooner for it', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      group: { state: 'Stable', members: one.atMs < 60_000 ? 11 : 12 },
    });
    const { action, terms } = decideAfter({ replicas: 12, seconds: 220, change });
    expect([action, terms.rebalanceSeconds]).toEqual(['down', expect.closeTo(5 / 3)]);
    expect(decideAfter({ replicas: 12, seconds: 220 })).toMatchObject({
      action: 'hold',
      terms: { rebalanceSeconds: 5 },
    });
  });

  it('takes the mean length of a rebalance from the consumers that stood still for it, where they tell', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      group: { state: 'Stable', members: one.atMs < 60_000 ? 11 : 12 },
      work:
        one.atMs < 60_000
          ? [told('a', 3, 9), told('b', 3, 9)]
          : [told('a', 4, 9.25), told('b', 5, 10), told('c', 1, 8)],
    });
    expect(decideAfter({ replicas: 12, seconds: 55, change }).terms.rebalanceSeconds).toBe(5);
    const { rebalanceSeconds, shortestRebalanceSeconds } = decideAfter({ replicas: 12, seconds: 100, change }).terms;
    expect([rebalanceSeconds, shortestRebalanceSeconds]).toEqual([expect.closeTo(1.25 / 3), 0.25]);
  });

  it('prices coming down by the shortest of these: who was there first waited for those that started', () => {
    const change =
      (ofSecond: number) =>
      (one: Observation): Observation => ({
        ...one,
        work: [
          ...(one.work ?? []),
          ...(one.atMs < 60_000 ? [told('a', 0, 0), told('b', 0, 0)] : [told('a', 1, 9), told('b', 1, ofSecond)]),
        ],
      });
    expect(decideAfter({ replicas: 12, seconds: 220, change: change(9) }).action).toBe('hold');
    expect(decideAfter({ replicas: 12, seconds: 220, change: change(0.5) }).action).toBe('down');
  });

  it('hears of a rebalance also when the page was missing just then, as a single one of several is not believed', () => {
    const change = ({ work: _, ...one }: Observation): Observation => {
      if (one.atMs < 60_000) return { ...one, work: [told('a', 1, 2)] };
      return one.atMs === 60_000 ? one : { ...one, work: [told('a', 2, 2.5), told('b', 1, 8)] };
    };
    const { rebalanceSeconds, shortestRebalanceSeconds } = decideAfter({ replicas: 12, seconds: 100, change }).terms;
    expect([rebalanceSeconds, shortestRebalanceSeconds]).toEqual([0.5, 0.5]);
  });

  it('does not put down to the replicas that are left what those did that went between two looks', () => {
    const change = ({ work, ...one }: Observation): Observation =>
      one.atMs < 300_000
        ? { ...one, ...(work && { work }) }
        : {
            ...one,
            group: { state: 'Stable', members: 1 },
            target: { desired: 1, current: 1, ready: 1, rollingOut: false },
          };
    expect(live({ ...calm, seconds: 290, change }).history.learned.messagesPerSecond).toBeCloseTo(50);
    expect(live({ ...calm, seconds: 400, change }).history.learned.messagesPerSecond).toBeCloseTo(50);
  });

  it('waits while the group is rebalanced', () => {
    const change = (one: Observation) => ({ ...one, group: { state: 'PreparingRebalance', members: 12 } }) as const;
    expect(decideAfter({ replicas: 12, change })).toMatchObject({ replicas: 12, reason: 'settling' });
  });

  it('comes down though some pods find no room, once nothing has moved for minutes', () => {
    const crowded = (one: Observation): Observation => ({
      ...one,
      group: { state: 'Stable', members: 8 },
      target: { desired: 12, current: 12, ready: 8, rollingOut: false },
    });
    expect(decideAfter({ replicas: 12, change: crowded })).toMatchObject({ replicas: 3, reason: 'load-fell' });
    const since = (one: Observation) => (one.atMs > 300_000 ? crowded(one) : one);
    expect(decideAfter({ replicas: 12, change: since })).toMatchObject({ replicas: 12, reason: 'settling' });
  });

  it('takes a message that nobody is there to finish for one that waits, though it is the last of its partition', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      ...(one.atMs >= 120_000 && { group: { state: 'Empty' as const, members: 0 } }),
      partitions: (one.partitions ?? []).map(({ partition, low = 0 }) => {
        const [end, last] = [one.atMs < 60_000 ? 1_000 : 1_010, one.atMs < 120_000 ? 0 : 1];
        return { partition, low, high: end + last, committed: end };
      }),
    });
    expect(decideAfter({ change }).terms).toMatchObject({ backlog: 12, ageSeconds: 175 });
  });

  it('tells how old a message is as far back as twice a long objective, though nothing has come since', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      partitions: (one.partitions ?? []).map((each) => ({ ...each, high: Math.min(each.high ?? 0, 2_000) })),
    });
    const ageFor = (lagSeconds: number) =>
      decideAfter({ finished: 0, seconds: 1_500, change }, policyOf({ ...policy, lagSeconds })).terms.ageSeconds;
    expect(ageFor(30)).toBeLessThan(180);
    expect(ageFor(900)).toBeGreaterThan(1_450);
  });

  it('judges a KIP-848 group, which looks dead from here, by its target', () => {
    const change = (one: Observation) => ({ ...one, group: { state: 'Dead', members: 0 } }) as const;
    expect(decideAfter({ replicas: 12, change })).toMatchObject({ replicas: 3, reason: 'load-fell' });
  });

  it('stays where the hour has seen enough rebalances', () => {
    expect(decideAfter({ replicas: 12 }, policyOf({ ...policy, rebalancesPerHour: 0 }))).toMatchObject({
      action: 'hold',
      reason: 'rebalance-budget-spent',
    });
  });

  it.each(['all', 'scale-in'] as const)('does not come down when %s is paused', (pause) => {
    expect(decideAfter({ replicas: 12 }, policyOf({ ...policy, pause }))).toMatchObject({
      replicas: 12,
      reason: 'paused',
    });
  });

  it('comes down when only scaling out is paused', () => {
    expect(decideAfter({ replicas: 12 }, policyOf({ ...policy, pause: 'scale-out' }))).toMatchObject({ replicas: 3 });
  });

  it('learns the speed of a replica from consumers that had work all the time', () => {
    const { capacity: _, ...silent } = calm;
    const { history, nowMs } = live({ ...silent, arrival: 20, finished: 50 / 4, replicas: 3, seconds: 60 });
    const { capacity } = decide(history, policy, nowMs).terms;
    expect(capacity.source).toBe('learned');
    expect(capacity.messagesPerSecond).toBeCloseTo(50, 0);
  });

  it('doubles where it does not know the speed of a replica and messages get old', () => {
    const { capacity: _, ...silent } = calm;
    const using = { ...policy, lagSeconds: 20 };
    const finished = Array.from({ length: 16 }, (_, partition) => (partition === 0 ? 1 : 10));
    // Too short a time to have learned it.
    const { history, nowMs } = live({ ...silent, partitions: 16, finished, replicas: 2, seconds: 10 }, { using });
    expect(decide(history, using, nowMs)).toMatchObject({ replicas: 4, reason: 'growing-into-unknown-capacity' });
    expect(decide(history, { ...using, maxReplicas: 3 }, nowMs).replicas).toBe(3);
  });

  it('grows by more where even replicas four times as fast as they were seen to be could not do it', () => {
    const { capacity: _, ...silent } = calm;
    const using = { ...policy, lagSeconds: 20 };
    const after = (finished: number) => {
      const { history, nowMs } = live({ ...silent, partitions: 16, finished, replicas: 2, seconds: 10 }, { using });
      return decide(history, using, nowMs).replicas;
    };
    expect(after(1)).toBe(16);
    // Where nothing at all is finished it may be no question of speed.
    expect(after(0)).toBe(4);
  });

  it('asks for all it may have where it does not know the speed of a replica and messages are too old already', () => {
    const { capacity: _, ...silent } = calm;
    const using = { ...policy, lagSeconds: 8 };
    const { history, nowMs } = live({ ...silent, partitions: 16, finished: 1, replicas: 2, seconds: 10 }, { using });
    expect(decide(history, using, nowMs)).toMatchObject({ replicas: 16, reason: 'growing-into-unknown-capacity' });
    expect(decide(history, { ...using, maxReplicas: 3 }, nowMs).replicas).toBe(3);
  });

  it('comes down a rung where it does not know that speed and nothing waits, but not below the minimum', () => {
    const { capacity: _, ...silent } = calm;
    const { history, nowMs } = live({ ...silent, replicas: 12, seconds: 180 });
    expect(decide(history, policy, nowMs)).toMatchObject({ replicas: 6, reason: 'probing-down' });
    expect(decide(history, { ...policy, minReplicas: 8 }, nowMs).replicas).toBe(8);
  });

  it('stays where it does not know that speed and something waits that nobody finishes, however much may wait', () => {
    const dead = { arrival: 0, finished: 0, replicas: 12 };
    const waiting = (one: Observation): Observation => ({
      ...one,
      partitions: (one.partitions ?? []).map((each) => ({ ...each, committed: 100 })),
    });
    const { capacity: _, ...unknown } = calm;
    const { history, nowMs } = live({ ...unknown, ...dead, change: waiting });
    const using = policyOf({ ...policy, lagSeconds: 900 });
    expect(decide(history, using, nowMs)).toMatchObject({ replicas: 12, action: 'hold' });
  });

  it('comes down to one where it does not know that speed, from two as well', () => {
    const { capacity: _, ...silent } = calm;
    const { history, nowMs } = live({ ...silent, arrival: 0, finished: 0, partitions: 6, replicas: 2, seconds: 180 });
    expect(decide(history, policy, nowMs)).toMatchObject({ replicas: 1, reason: 'probing-down' });
  });

  it('does not come down to as few as fell behind within the last hour, as long as as much arrives', () => {
    const { capacity: _, ...silent } = calm;
    const behind = { ...newHistory(), steps: [{ atMs: 0, from: 6, to: 12, consumptionBefore: 108 }] };
    const then = (arrival: number) => {
      const calmer = { ...silent, replicas: 12, arrival, finished: arrival, seconds: 180 };
      const { history, nowMs } = live(calmer, { from: behind, startMs: 60_000 });
      return decide(history, policy, nowMs);
    };
    expect(then(10)).toMatchObject({ replicas: 12, reason: 'steady', terms: { capacity: { source: 'unknown' } } });
    expect(then(8)).toMatchObject({ replicas: 6, reason: 'probing-down' });
  });

  it('learns how fast a replica is from one that has work in any of its partitions, but not from a stuck one', () => {
    const { capacity: _, ...silent } = calm;
    const group = { ...silent, replicas: 4, arrival: [40, ...Array(11).fill(10)], seconds: 40 };
    const learned = (first: number) =>
      live({ ...group, finished: [first, ...Array(11).fill(10)] }).history.learned.messagesPerSecond;
    expect(learned(20)).toBeCloseTo(40, 0);
    expect(learned(0)).toBeUndefined();
  });

  it('comes down where nothing arrives, however long a rebalance takes', () => {
    const { capacity: _, ...silent } = calm;
    const using = policyOf({ ...policy, lagSeconds: 10, rebalanceSeconds: 9, messagesPerSecondPerReplica: 40 });
    const idle = live({ ...silent, arrival: 0, finished: 0, seconds: 520 }, { using });
    expect(decide(idle.history, using, idle.nowMs)).toMatchObject({ replicas: 1, reason: 'load-fell' });
    expect(decideAfter({ seconds: 520 }, using).action).toBe('hold');
  });

  it('remembers after a quiet time how fast a replica was when it was busy', () => {
    const busy = live({ ...calm, capacity: 40, seconds: 60 });
    const quiet = { ...calm, arrival: 0, finished: 0, capacity: 40, seconds: 175 };
    const { history, nowMs } = live(quiet, { from: busy.history, startMs: busy.nowMs + 5_000 });
    const { capacity } = decide(history, policy, nowMs).terms;
    expect(capacity.source).toBe('learned');
    expect(capacity.messagesPerSecond).toBeCloseTo(40, 0);
  });
});
