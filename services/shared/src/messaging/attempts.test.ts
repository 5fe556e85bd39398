import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainError, type ErrorKind } from '../errors.ts';
import { attempt } from './attempts.ts';
import { Gate, Outage } from './gate.ts';

const domain = (kind: ErrorKind, retryAfterSeconds?: number) =>
  new DomainError(kind, { code: kind, detail: 'What it was.', ...(retryAfterSeconds && { retryAfterSeconds }) });
const direct = <T>(wait: () => Promise<T>) => wait();

describe('attempt', () => {
  let ending: AbortController;
  let gate: Gate;
  let events: string[];
  /** What each call of the work throws; it succeeds when nothing is left. */
  let failures: unknown[];
  let deadLetters: { code: string; failWith?: unknown }[];

  beforeEach(() => {
    jest.useFakeTimers();
    ending = new AbortController();
    events = [];
    failures = [];
    deadLetters = [];
    gate = new Gate({
      backoff: { firstMs: 1_000, maxMs: 30_000 },
      random: () => 1,
      onClose: () => events.push('paused'),
      onOpen: () => events.push('resumed'),
      startOther: () => false,
      signal: ending.signal,
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const run = () =>
    attempt({
      policy: { attempts: 4, pause: { firstMs: 500, maxMs: 2_000 } },
      random: () => 1,
      gate,
      translate: (error) => ((error as Error).message === 'ECONNRESET' ? domain('unavailable') : undefined),
      signal: ending.signal,
      order: 1n,
      whileWaiting: direct,
      async work() {
        events.push('try');
        if (failures.length > 0) throw failures.shift();
        return 'applied';
      },
      async giveUp({ code }) {
        const failWith = deadLetters.shift()?.failWith;
        if (failWith) throw failWith;
        return `dead-lettered: ${code}`;
      },
      onFailure: () => undefined,
    });

  it.each(['invalid', 'unprocessable', 'conflict', 'not-found'] as const)('gives up on %s at once', async (kind) => {
    failures = [domain(kind)];
    expect(await run()).toBe(`dead-lettered: ${kind}`);
    expect(events).toEqual(['try']);
  });

  it('tries an unknown error four times, with growing pauses, before it gives up', async () => {
    failures = [1, 2, 3, 4].map((i) => new TypeError(`bug ${i}`));
    const result = run();
    await jest.advanceTimersByTimeAsync(3_500);
    expect(await result).toBe('dead-lettered: unexpected-error');
    expect(events).toEqual(['try', 'try', 'try', 'try']);
  });

  it('gets over a passing fault', async () => {
    failures = [new Error('odd'), domain('stale')];
    const result = run();
    await jest.advanceTimersByTimeAsync(1_500);
    expect(await result).toBe('applied');
  });

  it('pauses for an outage when it has lasted for some seconds, for as long as it takes, and gives up nothing', async () => {
    failures = Array(40).fill(domain('unavailable'));
    const result = run();
    await jest.advanceTimersByTimeAsync(3_500);
    expect(events.splice(0)).toEqual(['try', 'try', 'try', 'try', 'paused']);
    await jest.advanceTimersByTimeAsync(40 * 30_000);
    expect(await result).toBe('applied');
    // A probe is one try: 40 failures in 4 + 36 of them.
    expect(events).toEqual([...Array(37).fill('try'), 'resumed']);
  });

  it('does not count the failures of an outage among those of an unknown error', async () => {
    failures = [...Array(3).fill(domain('unavailable')), new TypeError('ragged end')];
    const result = run();
    await jest.advanceTimersByTimeAsync(500 + 1_000 + 2_000 + 2_000);
    expect(await result).toBe('applied');
    expect(events).toEqual(Array(5).fill('try'));
  });

  it('tries what failed in an outage by an unknown error once more after it', async () => {
    failures = Array(4).fill(new TypeError('in an outage'));
    const down = [new Outage(new Error('down'), 60_000)];
    const first = run();
    await jest.advanceTimersByTimeAsync(500 + 1_000);
    const other = gate.run(
      0n,
      async () => {
        for (const outage of down.splice(0)) throw outage;
      },
      direct,
    );
    await jest.advanceTimersByTimeAsync(2_000 + 60_000);
    expect(await first).toBe('applied');
    await other;
    expect(events).toEqual(['try', 'try', 'try', 'paused', 'try', 'resumed', 'try']);
  });

  it('gives up what fails by an unknown error when it is let through to find out, and opens for the others', async () => {
    failures = [...Array(4).fill(domain('unavailable')), ...Array(4).fill(new TypeError('bug'))];
    const result = run();
    await jest.advanceTimersByTimeAsync(3_500 + 1_000 + 3_500);
    expect(await result).toBe('dead-lettered: unexpected-error');
    expect(events).toEqual([...Array(4).fill('try'), 'paused', ...Array(4).fill('try'), 'resumed']);
  });

  it('asks what an error of a dependency means', async () => {
    failures = Array(4).fill(new Error('ECONNRESET'));
    const result = run();
    await jest.advanceTimersByTimeAsync(3_500);
    expect(events).toContain('paused');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await result).toBe('applied');
  });

  it('waits in place as long as it was asked to, and pauses the partition when that is long', async () => {
    failures = [domain('throttled', 4)];
    const short = run();
    await jest.advanceTimersByTimeAsync(3_999);
    expect(events).toEqual(['try']);
    await jest.advanceTimersByTimeAsync(1);
    expect(await short).toBe('applied');
    events = [];
    failures = [domain('throttled', 20)];
    const long = run();
    await jest.advanceTimersByTimeAsync(0);
    expect(events).toEqual(['try', 'paused']);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await long).toBe('applied');
  });

  it('does not try in place while the partition is paused already', async () => {
    failures = Array(4).fill(domain('unavailable'));
    const first = run();
    await jest.advanceTimersByTimeAsync(3_400);
    const late = Promise.withResolvers<string>();
    const second = attempt<string>({
      policy: { attempts: 4, pause: { firstMs: 500, maxMs: 2_000 } },
      random: () => 1,
      gate,
      translate: () => undefined,
      signal: ending.signal,
      order: 2n,
      whileWaiting: direct,
      async work() {
        events.push('second');
        return late.promise;
      },
      giveUp: async () => 'given up',
      onFailure: () => undefined,
    });
    await jest.advanceTimersByTimeAsync(200);
    expect(gate.isOpen).toBe(false);
    late.reject(domain('unavailable'));
    await jest.advanceTimersByTimeAsync(500);
    expect(events.filter((event) => event === 'second')).toHaveLength(1);
    ending.abort(new Error('over'));
    await expect(second).rejects.toThrow('over');
    await expect(first).rejects.toThrow('over');
  });

  it('waits with what cannot be dead-lettered, whatever the reason, without handling it again', async () => {
    failures = [domain('invalid')];
    deadLetters = [domain('unprocessable'), new TypeError('bug')].map((failWith) => ({ code: '', failWith }));
    const result = run();
    await jest.advanceTimersByTimeAsync(1_000 + 2_000);
    expect(await result).toBe('dead-lettered: invalid');
    expect(events).toEqual(['try', 'paused', 'resumed']);
  });

  it('ends a pause in place when the partition is lost', async () => {
    failures = [new Error('odd')];
    const result = run();
    await jest.advanceTimersByTimeAsync(100);
    ending.abort(new Error('over'));
    await expect(result).rejects.toThrow('over');
    expect(events).toEqual(['try']);
  });
});
