import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import { observe } from './observe.ts';
import { policy } from './world.fixture.ts';

const partitions = [0, 1];

/** A second replica is asked for after a minute and ready five seconds later; until 95 s are over 10 messages/s are finished. */
function historyOf(written: (second: number) => number) {
  let history = newHistory();
  for (let second = 0; second <= 95; second += 5) {
    const [desired, ready] = [second < 60 ? 1 : 2, second < 65 ? 1 : 2];
    history = observe(
      history,
      {
        atMs: second * 1_000,
        partitions: partitions.map((partition) => ({
          ...{ partition, low: 0, high: written(second) / 2, committed: Math.min(written(second), 10 * second) / 2 },
        })),
        group: { state: 'Stable', members: ready },
        target: { desired, current: desired, ready, rollingOut: false },
      },
      policy,
    );
  }
  return history;
}

describe('the effect of a step up', () => {
  it('is none where a backlog waited all along and no more was finished than before', () => {
    expect(historyOf((second) => 10 * second + 600).limited).toMatchObject({ replicas: 1, times: 1 });
  });

  it('is not judged by a backlog that came only just now', () => {
    expect(historyOf((second) => 10 * second + (second > 90 ? 2_400 : 0)).limited).toBeUndefined();
  });

  it('is not judged while nothing waits', () => {
    expect(historyOf((second) => 10 * second).limited).toBeUndefined();
  });
});
