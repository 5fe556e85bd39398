import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WhileWaiting } from './gate.ts';
import { KeyQueue } from './key-queue.ts';

const turns = () => new Promise((resolve) => setImmediate(resolve));

/** Jobs that end when they are told to, and what has started so far. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string, before?: (wait: WhileWaiting) => Promise<unknown>) => async (wait: WhileWaiting) => {
    started.push(name);
    await before?.(wait);
    await new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const end = async (name: string) => {
    await turns();
    ends.get(name)?.();
    await turns();
  };
  return { started, job, end };
}

describe('KeyQueue', () => {
  it('runs one job of a key at a time, in order, and other keys meanwhile', async () => {
    const { started, job, end } = controlled();
    const lane = new KeyQueue(8).lane();
    for (const name of ['a1', 'a2', 'b1', 'a3']) lane.add(name[0], job(name));
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
    await end('a2');
    expect(started).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('runs no more jobs at once than it may, and starts the oldest first', async () => {
    const { started, job, end } = controlled();
    const lane = new KeyQueue(2).lane();
    for (const name of ['a1', 'b1', 'a2', 'c1']) lane.add(name[0], job(name));
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('lets no key keep another waiting that came first', async () => {
    const { started, job, end } = controlled();
    const lane = new KeyQueue(1).lane();
    for (const name of ['a1', 'b1', 'a2', 'c1', 'a3']) lane.add(name[0], job(name));
    for (const name of ['a1', 'b1', 'a2', 'c1']) await end(name);
    expect(started).toEqual(['a1', 'b1', 'a2', 'c1', 'a3']);
  });

  it('lets jobs without a key run beside each other', () => {
    const { started, job } = controlled();
    const lane = new KeyQueue(8).lane();
    lane.add(undefined, job('x'));
    lane.add(undefined, job('y'));
    expect(started).toEqual(['x', 'y']);
  });

  it('keeps half of its slots from one partition when there are others', () => {
    const { started, job } = controlled();
    const queue = new KeyQueue(4);
    const [slow, other] = [queue.lane(), queue.lane()];
    for (const name of ['s1', 's2', 's3', 's4']) slow.add(name, job(name));
    other.add('o1', job('o1'));
    expect(started).toEqual(['s1', 's2', 'o1']);
  });

  it('lets partitions take turns where there are fewer slots than partitions', async () => {
    const { started, job, end } = controlled();
    const queue = new KeyQueue(2);
    const lanes = ['a', 'b', 'c'].map((name) => ({ name, lane: queue.lane() }));
    for (const round of [1, 2, 3])
      for (const { name, lane } of lanes) lane.add(`${name}${round}`, job(`${name}${round}`));
    for (let index = 0; index < 9; index += 1) await end(started[index] as string);
    for (const round of [1, 2, 3]) {
      const ofRound = started.slice(3 * (round - 1), 3 * round);
      expect([...ofRound].sort()).toEqual([`a${round}`, `b${round}`, `c${round}`]);
    }
  });

  it('starts nothing of a held lane until it is released', () => {
    const { started, job } = controlled();
    const lane = new KeyQueue(4).lane();
    lane.hold();
    lane.add('a', job('a'));
    expect(started).toEqual([]);
    lane.release();
    expect(started).toEqual(['a']);
  });

  it('starts one job of a held lane when it is told to, and none where all wait for their keys', async () => {
    const { started, job, end } = controlled();
    const lane = new KeyQueue(4).lane();
    for (const name of ['a1', 'a2']) lane.add(name[0], job(name));
    lane.hold();
    expect(lane.startOne()).toBe(false);
    for (const name of ['b1', 'c1']) lane.add(name[0], job(name));
    expect([lane.startOne(), started]).toEqual([true, ['a1', 'b1']]);
    await end('b1');
    expect(started).toEqual(['a1', 'b1']);
  });

  it('gives the slots of one partition to jobs that return to them, and no more', async () => {
    const { started, job } = controlled();
    const queue = new KeyQueue(4);
    const [slow, other] = [queue.lane(), queue.lane()];
    const over = Promise.withResolvers<void>();
    for (const name of ['s1', 's2', 's3', 's4'])
      slow.add(
        name,
        job(name, (wait) => wait(() => over.promise)),
      );
    await turns();
    expect(started).toHaveLength(4);
    over.resolve();
    await turns();
    for (const name of ['o1', 'o2']) other.add(name, job(name));
    expect(started.slice(4)).toEqual(['o1', 'o2']);
  });

  it('gives the slot of a waiting job to others, but not its key', async () => {
    const { started, job, end } = controlled();
    const over = Promise.withResolvers<void>();
    const lane = new KeyQueue(1).lane();
    lane.add(
      'a',
      job('a1', (wait) => wait(() => over.promise)),
    );
    for (const name of ['a2', 'b1', 'c1']) lane.add(name[0], job(name));
    await turns();
    expect(started).toEqual(['a1', 'b1']);
    over.resolve();
    await turns();
    await end('a1');
    expect(started).toEqual(['a1', 'b1']);
    await end('b1');
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('forgets what has not started when a lane closes; a job that comes again waits for the one that still runs', async () => {
    const { started, job, end } = controlled();
    const queue = new KeyQueue(8);
    const before = queue.lane();
    for (const name of ['a1', 'a2', 'b1', 'b2']) before.add(name[0], job(name));
    before.close();
    const after = queue.lane();
    after.add('a', job('a1 again'));
    after.add('c', job('c1'));
    expect(started).toEqual(['a1', 'b1', 'c1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'c1', 'a1 again']);
    await end('b1');
    expect(started).not.toContain('b2');
  });

  it('frees the keys of jobs that were ready and are forgotten', async () => {
    const { started, job, end } = controlled();
    const queue = new KeyQueue(1);
    const before = queue.lane();
    for (const name of ['a1', 'b1', 'b2']) before.add(name[0], job(name));
    const after = queue.lane();
    after.add('b', job('b1 again'));
    before.close();
    await end('a1');
    expect(started).toEqual(['a1', 'b1 again']);
  });

  it('is idle when every started job has ended', async () => {
    const { job, end } = controlled();
    const queue = new KeyQueue(2);
    await queue.idle();
    queue.lane().add('a', job('a'));
    let idle = false;
    const waiting = queue.idle().then(() => {
      idle = true;
    });
    await turns();
    expect(idle).toBe(false);
    await end('a');
    await waiting;
  });

  it('keeps the order of every key and its bound, whatever comes in whatever order', async () => {
    const jobs = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), lane: fc.nat(2) }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(jobs, fc.scheduler(), fc.integer({ min: 1, max: 5 }), async (list, scheduler, concurrency) => {
        const queue = new KeyQueue(concurrency);
        const lanes = [queue.lane(), queue.lane(), queue.lane()];
        const ended: number[] = [];
        const running = new Set<string>();
        list.forEach(({ key, lane }, index) => {
          lanes[lane]?.add(key, async () => {
            expect(running.has(key)).toBe(false);
            running.add(key);
            expect(running.size).toBeLessThanOrEqual(concurrency);
            await scheduler.schedule(Promise.resolve(), `${key}${index}`);
            running.delete(key);
            ended.push(index);
          });
        });
        await scheduler.waitFor(queue.idle());
        expect(ended).toHaveLength(list.length);
        for (const key of 'abcd') {
          const ofKey = ended.filter((index) => list[index]?.key === key);
          expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
        }
      }),
    );
  });
});
