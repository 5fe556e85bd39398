import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import './kafkajs-repairs.ts';

/** The queue of one connection, with requests that were sent just now. */
function queueOf(requests: { requestTimeout: number }[]) {
  const timedOut: number[] = [];
  const connection = { isUp: true };
  const queue = Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, {
    enforceRequestTimeout: true,
    inflight: new Map(
      requests.map(({ requestTimeout }, id) => [
        id,
        { sentAt: Date.now(), requestTimeout, timeoutRequest: () => timedOut.push(id) },
      ]),
    ),
    isConnected: () => connection.isUp,
  });
  queue.scheduleRequestTimeoutCheck();
  return { connection, timedOut };
}

describe('the look for requests that were never answered', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('finds them within a second of their time, and no other', () => {
    const { timedOut } = queueOf([{ requestTimeout: 1_500 }, { requestTimeout: 10_000 }]);
    jest.advanceTimersByTime(1_500);
    expect(timedOut).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(timedOut).toEqual([0]);
  });

  it('is one timer a second, which ends with the connection', () => {
    const { connection } = queueOf([]);
    jest.advanceTimersToNextTimer(3);
    expect(performance.now()).toBe(3_000);
    connection.isUp = false;
    jest.advanceTimersToNextTimer();
    expect(jest.getTimerCount()).toBe(0);
  });
});
