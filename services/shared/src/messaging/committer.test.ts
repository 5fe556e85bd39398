import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Committer } from './committer.ts';

describe('Committer', () => {
  let due: Map<number, bigint>;
  let requests: { offsets: ReadonlyMap<number, bigint>; answer: PromiseWithResolvers<void> }[];
  let committed: ReadonlyMap<number, bigint>[];
  let failures: unknown[];
  let committer: Committer;

  beforeEach(() => {
    jest.useFakeTimers();
    due = new Map();
    requests = [];
    committed = [];
    failures = [];
    committer = new Committer({
      intervalMs: 100,
      due: () => due,
      commit(offsets) {
        const answer = Promise.withResolvers<void>();
        requests.push({ offsets, answer });
        return answer.promise;
      },
      onCommitted: (offsets) => committed.push(offsets),
      onFailed: (error) => failures.push(error),
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gathers changes and commits them in one request', async () => {
    due = new Map([[0, 5n]]);
    committer.changed();
    committer.changed();
    await jest.advanceTimersByTimeAsync(99);
    expect(requests).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(requests.map(({ offsets }) => offsets)).toEqual([new Map([[0, 5n]])]);
    requests[0]?.answer.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(committed).toEqual([new Map([[0, 5n]])]);
  });

  it('asks for nothing when nothing is due, and is idle then', async () => {
    committer.changed();
    await jest.advanceTimersByTimeAsync(100);
    expect([requests.length, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('has one request at a time on its way', async () => {
    due = new Map([[0, 1n]]);
    const first = committer.flush();
    const second = committer.flush();
    await jest.advanceTimersByTimeAsync(0);
    expect(requests).toHaveLength(1);
    due = new Map();
    requests[0]?.answer.resolve();
    await Promise.all([first, second]);
    expect(requests).toHaveLength(1);
  });

  it('gathers no queue behind a request that hangs', async () => {
    due = new Map([[0, 1n]]);
    for (let i = 0; i < 50; i++) {
      committer.changed();
      await jest.advanceTimersByTimeAsync(100);
    }
    requests[0]?.answer.reject(new Error('timed out'));
    await jest.advanceTimersByTimeAsync(0);
    requests[1]?.answer.reject(new Error('unknown member'));
    await jest.advanceTimersByTimeAsync(500);
    expect(requests).toHaveLength(2);
  });

  it('tries again when it failed', async () => {
    due = new Map([[0, 1n]]);
    const flushed = committer.flush();
    await jest.advanceTimersByTimeAsync(0);
    requests[0]?.answer.reject(new Error('rebalancing'));
    await flushed;
    expect(failures).toEqual([new Error('rebalancing')]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(requests).toHaveLength(2);
  });

  it('commits nothing by itself after its end', async () => {
    due = new Map([[0, 1n]]);
    committer.changed();
    committer.stop();
    committer.changed();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(requests).toHaveLength(0);
  });
});
