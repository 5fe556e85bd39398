import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import { observe } from './observe.ts';
import { policy } from './world.fixture.ts';

const partitions = [0, 1];

interface Course {
  readonly written: (second: number) => number;
  readonly finished: (second: number) => number;
  readonly seconds: number;
  readonly rolledOutAt?: number;
}

/** A second replica is asked for after a minute and ready five seconds later. */
function courseOf({ written, finished, seconds, rolledOutAt }: Course) {
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
        group: { state: 'Stable', members: ready },
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
