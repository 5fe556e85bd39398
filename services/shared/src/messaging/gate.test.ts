import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Gate, Outage } from './gate.ts';

const direct = <T>(wait: () => Promise<T>) => wait();

describe('Gate', () => {
  let ending: AbortController;
  let events: string[];
  let gate: Gate;
  let down: boolean;
  let startOther: () => boolean;

  /** Work that fails as long as the dependency is down, and says when it is done. */
  const work = (name: string) => async () => {
    events.push(name);
    if (down) throw new Outage(new Error('down'), 0);
    return name;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    events = [];
    ending = new AbortController();
    down = true;
    startOther = () => false;
    gate = new Gate({
      backoff: { firstMs: 1_000, maxMs: 30_000 },
      random: () => 1,
      onClose: () => events.push('closed'),
      onOpen: () => events.push('opened'),
      startOther: () => startOther(),
      signal: ending.signal,
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets one piece of work find out, with growing pauses, and everything through when it succeeded', async () => {
    const results = Promise.all([gate.run(5n, work('b'), direct), gate.run(4n, work('a'), direct)]);
    await jest.advanceTimersByTimeAsync(0);
    expect(events.splice(0)).toEqual(['b', 'a', 'closed']);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(events.splice(0)).toEqual(['a']);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(events.splice(0)).toEqual([]);
    down = false;
    await jest.advanceTimersByTimeAsync(1);
    expect(events).toEqual(['a', 'opened', 'b']);
    expect(await results).toEqual(['b', 'a']);
    expect(gate.isOpen).toBe(true);
  });

  it('waits without a limit, at most half a minute at a time', async () => {
    const result = gate.run(1n, work('a'), direct);
    await jest.advanceTimersByTimeAsync(24 * 3_600_000);
    const probes = events.filter((event) => event === 'a').length;
    expect(probes).toBeGreaterThanOrEqual((24 * 3_600) / 30);
    down = false;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(await result).toBe('a');
  });

  describe('where the dependency may fail for one piece of work alone', () => {
    const others: Promise<unknown>[] = [];
    const alone = (name: string) => async () => {
      events.push(name);
      if (name === 'bad' || down) throw new Outage(new Error('down'), 0);
    };
    const startNamed = (name: string) => () => {
      others.push(gate.run(2n, alone(name), direct).catch(() => undefined));
      return true;
    };

    it('lets one that was not tried find out every second time, and everything through when that succeeds', async () => {
      down = false;
      startOther = startNamed('other');
      const bad = gate.run(1n, alone('bad'), direct).catch((error: Error) => error.message);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(events.splice(0)).toEqual(['bad', 'closed', 'bad']);
      await jest.advanceTimersByTimeAsync(2_000);
      expect(events.splice(0)).toEqual(['other', 'opened', 'bad', 'closed']);
      ending.abort(new Error('over'));
      expect(await bad).toBe('over');
    });

    it('tries one at a time in an outage of all, with the same pauses', async () => {
      startOther = startNamed('other');
      const bad = gate.run(1n, alone('first'), direct);
      await jest.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000 + 8_000 + 16_000);
      expect(events.splice(0)).toEqual(['first', 'closed', 'first', 'other', 'first', 'other', 'first']);
      down = false;
      await jest.advanceTimersByTimeAsync(30_000);
      expect(events).toEqual(['other', 'opened', 'other', 'other', 'first']);
      await Promise.all([bad, ...others]);
    });

    it('goes back to the oldest where the other does not come', async () => {
      startOther = () => true;
      const bad = gate.run(1n, alone('first'), direct);
      await jest.advanceTimersByTimeAsync(1_000 + 2_000 + 3_999);
      expect(events.splice(0)).toEqual(['first', 'closed', 'first']);
      down = false;
      await jest.advanceTimersByTimeAsync(1);
      expect(events).toEqual(['first', 'opened']);
      await bad;
    });
  });

  it('takes another failure as a sign of life', async () => {
    const first = gate.run(1n, work('a'), direct);
    await jest.advanceTimersByTimeAsync(0);
    const other = gate.run(0n, () => Promise.reject(new Error('bad message')), direct).catch((error: Error) => error);
    await jest.advanceTimersByTimeAsync(0);
    down = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await other).toEqual(new Error('bad message'));
    expect(await first).toBe('a');
    expect(events).toContain('opened');
  });

  it('waits as long as the dependency asked for, within reason', async () => {
    let asked = 7_000;
    const result = gate.run(
      1n,
      async () => {
        events.push('try');
        if (down) throw new Outage(new Error('later'), asked);
        return 'done';
      },
      direct,
    );
    asked = 3_600_000;
    await jest.advanceTimersByTimeAsync(6_999);
    expect(events).toEqual(['try', 'closed']);
    await jest.advanceTimersByTimeAsync(1);
    expect(events).toEqual(['try', 'closed', 'try']);
    down = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await result).toBe('done');
  });

  it('ignores what fails after it has closed: only the probe lengthens the pause', async () => {
    const late = Promise.withResolvers<void>();
    const slow = gate.run(
      2n,
      async () => {
        if (!down) return 'slow';
        await late.promise;
        throw new Outage(new Error('down'), 0);
      },
      direct,
    );
    const first = gate.run(1n, work('a'), direct);
    await jest.advanceTimersByTimeAsync(500);
    late.resolve();
    down = false;
    await jest.advanceTimersByTimeAsync(500);
    expect(await Promise.all([first, slow])).toEqual(['a', 'slow']);
    expect(events.filter((event) => event === 'closed')).toHaveLength(1);
  });

  it('ends all waiting when it is told to, and starts no timer after that', async () => {
    const waiting = gate.run(1n, work('a'), direct).catch((error: Error) => error);
    await jest.advanceTimersByTimeAsync(0);
    ending.abort(new Error('over'));
    expect(await waiting).toEqual(new Error('over'));
    expect(jest.getTimerCount()).toBe(0);
    await expect(gate.run(2n, work('b'), direct)).rejects.toThrow('over');
    expect(jest.getTimerCount()).toBe(0);
  });
});
