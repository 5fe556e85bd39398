import { describe, expect, it } from '@jest/globals';
import { type History, newHistory } from './history.ts';
import { standsStill } from './look.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import { decide } from './scaling.ts';
import { calm, live, policy, type Steady } from './world.fixture.ts';

/** A group of four, or of as many as there are then, looked at every five seconds; the observation may be changed. */
function historyOf(seconds: number, change: (one: Observation, second: number) => Observation): History {
  let history = newHistory();
  for (let second = 0; second <= seconds; second += 5) {
    const observation: Observation = {
      atMs: second * 1_000,
      partitions: [0, 1].map((partition) => ({ partition, low: 0, high: 10 * second, committed: 10 * second })),
      group: { state: 'Stable', members: 4 },
      target: { desired: 4, current: 4, ready: 4, rollingOut: false },
    };
    history = observe(history, change(observation, second), policy);
  }
  return history;
}

const withoutTarget = ({ target: _, ...rest }: Observation): Observation => rest;
const withoutGroup = ({ group: _, ...rest }: Observation): Observation => rest;
const withReplicas = (one: Observation, desired: number, ready = desired): Observation => ({
  ...one,
  group: { state: 'Stable', members: ready },
  target: { desired, current: desired, ready, rollingOut: false },
});

describe('how long replicas take to start', () => {
  const startSecondsAfter = (seconds: number, disturb: (one: Observation) => Observation) =>
    historyOf(seconds, (one, second) => {
      if (second < 100) return withReplicas(one, 2);
      return second === 600 ? disturb(one) : withReplicas(one, 4, second < 115 ? 2 : 4);
    }).learned.startSeconds;

  it('is learned from a step up, once: not from a read that fails later, nor from a pod that is not ready for a moment', () => {
    expect(startSecondsAfter(300, (one) => one)).toBe(15);
    expect(startSecondsAfter(700, withoutTarget)).toBe(15);
    expect(startSecondsAfter(700, (one) => withReplicas(one, 4, 3))).toBe(15);
  });

  it('is not learned where it was not seen when they were ready', () => {
    const { learned } = historyOf(300, (one, second) => {
      if (second === 110) return withoutTarget(one);
      return second < 100 ? withReplicas(one, 2) : withReplicas(one, 4, second < 110 ? 2 : 4);
    });
    expect(learned.startSeconds).toBeUndefined();
  });
});

describe('how long a rebalance takes', () => {
  const moving = { state: 'PreparingRebalance', members: 4 } as const;
  const learnedFrom = (change: (one: Observation) => Observation) =>
    historyOf(300, (one, second) => (second >= 100 && second < 160 ? change({ ...one, group: moving }) : one)).learned;

  it('is not learned from one that hung, but for three times what it was thought to be', () => {
    expect(learnedFrom((one) => one).rebalanceSeconds).toBe(3 * policy.rebalanceSeconds);
  });

  it('is not learned from the many of a roll-out, which look like one', () => {
    const rollingOut = { desired: 4, current: 4, ready: 4, rollingOut: true };
    expect(learnedFrom((one) => ({ ...one, target: rollingOut })).rebalanceSeconds).toBeUndefined();
  });
});

describe('what one replica can do', () => {
  it('is at least what each finishes in a calm group, where it was learned in a slow time', () => {
    const offsetsOnly: Steady = { partitions: 12, arrival: 20, finished: 20, replicas: 8, seconds: 300 };
    const from = newHistory({ messagesPerSecond: 15 });
    expect(live(offsetsOnly, { from }).history.learned.messagesPerSecond).toBeCloseTo(30);
    expect(live({ ...offsetsOnly, replicas: 24 }, { from }).history.learned.messagesPerSecond).toBe(15);
  });
});

describe('a target that could not be read once', () => {
  it('is as settled as it was', () => {
    expect(historyOf(300, (one, second) => (second === 200 ? withoutTarget(one) : one)).settledSinceMs).toBe(0);
  });

  it('is settled anew where replicas were added and started meanwhile', () => {
    const history = historyOf(300, (one, second) => {
      if (second === 200) return withoutTarget(one);
      return withReplicas(one, second < 200 ? 2 : 4);
    });
    expect(history.steps).toMatchObject([{ atMs: 205_000, from: 2, to: 4 }]);
    expect(history.settledSinceMs).toBe(205_000);
  });
});

describe('a group that stands still', () => {
  const noRoom = (one: Observation) => withReplicas(one, 4, 3);

  it('does so though target or group could not be read now and then', () => {
    const { looks } = historyOf(300, (one, second) => {
      if (second === 200) return withoutTarget(noRoom(one));
      return second === 250 ? withoutGroup(noRoom(one)) : noRoom(one);
    });
    expect(standsStill(looks)).toBe(true);
  });

  it('does not where a pod became ready, or a member left', () => {
    expect(standsStill(historyOf(300, (one, second) => (second < 200 ? noRoom(one) : one)).looks)).toBe(false);
    const left = { state: 'Stable', members: 2 } as const;
    const { looks } = historyOf(300, (one, second) => (second < 200 ? noRoom(one) : { ...noRoom(one), group: left }));
    expect(standsStill(looks)).toBe(false);
  });
});

describe('what was finished before a step', () => {
  const step = (change: (one: Observation, second: number) => Observation) =>
    historyOf(200, (one, second) => change(withReplicas(one, second < 100 ? 2 : 4), second)).steps[0];

  it('is what was read in the last twenty seconds', () => {
    expect(step((one) => one)?.consumptionBefore).toBe(20);
  });

  it('is unknown where a partition was unread in them', () => {
    const half = (one: Observation) => ({ ...one, partitions: [{ partition: 0 }, ...(one.partitions ?? []).slice(1)] });
    expect(step((one, second) => (second === 90 ? half(one) : one))?.consumptionBefore).toBe(0);
  });
});

describe('a clock that is set back', () => {
  it('has the law begin anew, with what it has learned', () => {
    const overloaded = { ...calm, arrival: 40, finished: 25, replicas: 6 };
    const before = live({ ...overloaded, seconds: 300 }, { startMs: 3_600_000 });
    const { history, nowMs } = live({ ...overloaded, seconds: 60 }, { from: before.history, startMs: 1_000_000 });
    expect(history.looks[0]?.atMs).toBe(1_000_000);
    expect(history.learned.messagesPerSecond).toBeCloseTo(50);
    expect(decide(history, policy, nowMs)).toMatchObject({ action: 'up' });
  });
});
