import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import { observe } from './observe.ts';
import { decide } from './scaling.ts';
import { live, policy } from './world.fixture.ts';

const partitions = [0, 1];

interface Course {
  readonly written: (second: number) => number;
  readonly finished: (second: number) => number;
  readonly seconds: number;
  readonly rolledOutAt?: number;
  /** Of each replica; `unseen` where the group is one of KIP-848. The second replica joins with these at `joinedAt`. */
  readonly members?: number | 'unseen';
  readonly joinedAt?: number;
}

/** A second replica is asked for after a minute and ready five seconds later. */
function courseOf({ written, finished, seconds, rolledOutAt, members = 1, joinedAt = 65 }: Course) {
  let history = newHistory();
  for (let second = 0; second <= seconds; second += 5) {
    const [desired, ready] = [second < 60 ? 1 : 2, second < 65 ? 1 : 2];
    history = observe(
      history,
      {
        atMs: second * 1_000,
        partitions: partitions.map((partition) => ({
          ...{
            partition,
            low: 0,
            high: written(second) / 2,
            committed: Math.min(written(second), finished(second)) / 2,
          },
        })),
        group:
          members === 'unseen'
            ? { state: 'Dead', members: 0 }
            : { state: 'Stable', members: members * (second < joinedAt ? 1 : ready) },
        target: { desired, current: desired, ready, rollingOut: second === rolledOutAt },
      },
      policy,
    );
  }
  return history;
}

/** Until 95 s are over 10 messages/s are finished. */
const historyOf = (written: Course['written']) => courseOf({ written, finished: (second) => 10 * second, seconds: 95 });

describe('the effect of a step up', () => {
  it('is none where a backlog waited all along and no more was finished than before', () => {
    expect(historyOf((second) => 10 * second + 600).limited).toMatchObject({ replicas: 1, times: 1 });
  });

  it('is not judged by a backlog that came only just now', () => {
    expect(historyOf((second) => 10 * second + (second > 90 ? 2_400 : 0)).limited).toBeUndefined();
  });

  it('is not judged before the new replica has joined with as many members as the first has', () => {
    const slow = { written: (second: number) => 10 * second + 600, finished: (second: number) => 10 * second };
    const three = { ...slow, members: 3, joinedAt: 120 };
    expect(courseOf({ ...three, seconds: 140 }).limited).toBeUndefined();
    expect(courseOf({ ...three, seconds: 150 }).limited).toMatchObject({ replicas: 1 });
  });

  it('is judged in the end where not all who are members belong to the target', () => {
    const slow = { written: (second: number) => 10 * second + 600, finished: (second: number) => 10 * second };
    const crowded = { ...slow, members: 3, joinedAt: Infinity };
    expect(courseOf({ ...crowded, seconds: 200 }).limited).toBeUndefined();
    expect(courseOf({ ...crowded, seconds: 265 }).limited).toMatchObject({ replicas: 1 });
  });

  it('is judged later, by the time that a start may take, where members cannot be seen', () => {
    const slow = { written: (second: number) => 10 * second + 600, finished: (second: number) => 10 * second };
    const unseen = { ...slow, members: 'unseen' } as const;
    expect(courseOf({ ...unseen, seconds: 100 }).limited).toBeUndefined();
    expect(courseOf({ ...unseen, seconds: 110 }).limited).toMatchObject({ replicas: 1 });
  });

  it('is judged once: that the consumers are slow after a later roll-out is not its doing', () => {
    const { limited } = courseOf({
      written: (second) => 20 * second + 600,
      finished: (second) => 10 * second + 10 * Math.max(0, Math.min(second, 300) - 60),
      seconds: 400,
      rolledOutAt: 300,
    });
    expect(limited).toBeUndefined();
  });

  it('is judged where replicas have started between two looks', () => {
    const slow = { written: (second: number) => 10 * second + 600, finished: (second: number) => 10 * second };
    let history = courseOf({ ...slow, seconds: 55 });
    for (let second = 60; second <= 95; second += 5)
      history = observe(
        history,
        {
          atMs: second * 1_000,
          partitions: partitions.map((partition) => ({
            ...{ partition, low: 0, high: slow.written(second) / 2, committed: slow.finished(second) / 2 },
          })),
          group: { state: 'Stable', members: 2 },
          target: { desired: 2, current: 2, ready: 2, rollingOut: false },
        },
        policy,
      );
    expect(history.limited).toMatchObject({ replicas: 1 });
  });

  it('is not judged while nothing waits', () => {
    expect(historyOf((second) => 10 * second).limited).toBeUndefined();
  });
});

describe('the limit after a step up that did not help', () => {
  const limited = { replicas: 6, untilMs: 1e9, consumption: 1e9, times: 1 };
  const decideBehind = (replicas: number) => {
    const behind = { partitions: 12, arrival: 30, finished: 10, seconds: 420, capacity: 20, replicas };
    const { history, nowMs } = live(behind);
    return { history: { ...history, limited }, nowMs };
  };

  it('takes back what is beyond it once the group has settled, and before that adds nothing', () => {
    const { history, nowMs } = decideBehind(12);
    expect(decide(history, policy, nowMs)).toMatchObject({ action: 'down', replicas: 6, reason: 'downstream-limited' });
    const { settledSinceMs: _, ...unsettled } = decideBehind(6).history;
    expect(decide(unsettled, policy, nowMs)).toMatchObject({ action: 'hold', reason: 'downstream-limited' });
  });

  it('lets replicas come back up to what it allows', () => {
    const { history, nowMs } = decideBehind(1);
    expect(decide(history, policy, nowMs)).toMatchObject({ action: 'up', replicas: 6, reason: 'objective-at-risk' });
  });
});
