import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { atOnce } from './at-once.ts';

describe('so many at once', () => {
  it('are never more, and each has its turn in order, also after one that failed', async () => {
    const inTurn = atOnce(2);
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const work = (id: number) => async () => {
      begun.push(id);
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      if (id === 2) throw new Error('two failed');
      return id;
    };
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((id) => inTurn(work(id))));
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      ...[1, 'two failed', 3, 4, 5],
    ]);
    expect([begun, most]).toEqual([[1, 2, 3, 4, 5], 2]);
    expect(await inTurn(work(6))).toBe(6);
  });
});
