import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { PartitionOffsets } from '../kafka/admin.ts';
import type { Fetch } from '../kafka/consumer-life.ts';
import { Generation, type GenerationOptions, type Partition } from './generation.ts';
import { KeyQueue } from './key-queue.ts';

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('Generation', () => {
  let calls: string[];
  let delivered: bigint[];
  let known: PartitionOffsets[];
  let generation: Generation;

  const begin = (options: Partial<GenerationOptions> = {}, partitions = [0]): Partition => {
    generation = new Generation(partitions, {
      offsets: async () => known,
      pause: (partition) => calls.push(`pause ${partition}`),
      resume: (partition) => calls.push(`resume ${partition}`),
      seek: (partition, offset) => calls.push(`seek ${partition} ${offset}`),
      deliver: (_, { offset }) => delivered.push(offset),
      queue: new KeyQueue(4),
      gate: { backoff: { firstMs: 1, maxMs: 1 }, random: () => 1 },
      bounds: { messages: 4, bytes: 100_000, uncommittable: 6 },
      onPause: (_, reason) => calls.push(`paused: ${reason}`),
      onResume: (_, reason) => calls.push(`resumed: ${reason}`),
      log: pino({ level: 'silent' }),
      ...options,
    });
    return generation.partitions.get(0) as Partition;
  };
  const fetch = (from: number, offsets: number[], next = (offsets.at(-1) ?? from) + 1): Fetch => ({
    partition: 0,
    from: BigInt(from),
    next: BigInt(next),
    records: offsets.map(record),
  });
  const record = (offset: number) => ({
    offset: BigInt(offset),
    key: null,
    value: Buffer.alloc(10),
    headers: {},
    timestamp: new Date(0),
  });

  beforeEach(() => {
    calls = [];
    delivered = [];
    known = [{ partition: 0, low: 0n, high: 100n, committed: 10n }];
  });
  afterEach(() => generation.end());

  it('takes what follows on the committed offset, and on what was taken', async () => {
    const partition = begin();
    expect(partition.take(fetch(10, [10]))).toBe(false);
    await partition.ready();
    expect([partition.take(fetch(10, [10, 12])), partition.take(fetch(13, [13]))]).toEqual([true, true]);
    expect(delivered).toEqual([10n, 12n, 13n]);
  });

  it('starts at the oldest message when the group never committed, or when what it committed is gone', async () => {
    known = [{ partition: 0, low: 5n, high: 9n, committed: undefined }];
    let partition = begin();
    await partition.ready();
    expect(partition.take(fetch(5, [5]))).toBe(true);
    generation.end();
    known = [{ partition: 0, low: 5n, high: 9n, committed: 2n }];
    partition = begin();
    await partition.ready();
    expect(partition.take(fetch(5, [5]))).toBe(true);
  });

  it('refuses a batch that was fetched for an older generation, and asks again from where it is', async () => {
    const partition = begin();
    await partition.ready();
    expect(partition.take(fetch(20, [20, 21]))).toBe(false);
    expect(calls).toEqual(['seek 0 10']);
    expect(delivered).toEqual([]);
    expect(partition.take(fetch(10, [10]))).toBe(true);
    expect(partition.take(fetch(20, [20, 21]))).toBe(false);
  });

  it('believes in a gap that comes again: it holds nothing to read', async () => {
    const partition = begin();
    await partition.ready();
    expect([partition.take(fetch(20, [20])), partition.take(fetch(20, [20]))]).toEqual([false, true]);
    expect(delivered).toEqual([20n]);
  });

  it('does not go on when the log was cut back: somebody has to begin anew', async () => {
    const partition = begin();
    await partition.ready();
    partition.take(fetch(3, [3]));
    expect(() => partition.take(fetch(3, [3]))).toThrow('the log of partition 0 was cut back from 10 to 3');
  });

  it('tries until the offsets of the group are known', async () => {
    let failures = 1;
    const partition = begin({
      async offsets() {
        if (failures-- > 0) throw new Error('no coordinator yet');
        return known;
      },
    });
    await partition.ready();
    expect(partition.take(fetch(10, [10]))).toBe(true);
  });

  it('tries until those of each partition are, and leaves alone what has begun', async () => {
    const added = known.map((one) => ({ ...one, partition: 1 }));
    const next = Promise.withResolvers<void>();
    const answers = [known, [...known, ...added]];
    const first = begin(
      {
        async offsets() {
          if (answers.length === 1) await next.promise;
          return answers.shift() ?? [];
        },
      },
      [0, 1],
    );
    await first.ready();
    expect(first.take(fetch(10, [10]))).toBe(true);
    next.resolve();
    const second = generation.partitions.get(1) as Partition;
    await second.ready();
    expect(second.take(fetch(10, [10]))).toBe(true);
    expect(first.take(fetch(11, [11]))).toBe(true);
  });

  it('pauses while too much waits, or too much is finished behind a message that is not', async () => {
    const partition = begin();
    await partition.ready();
    partition.take(fetch(10, [10, 11, 12, 13, 14]));
    expect(calls.splice(0)).toEqual(['pause 0', 'paused: backlog']);
    for (const offset of [12, 13, 14]) partition.finish(record(offset));
    // Five are held back by the two that are left: still more than half of what may be.
    expect(calls).toEqual([]);
    partition.finish(record(10));
    expect(calls).toEqual([]);
    partition.finish(record(11));
    expect(calls.splice(0)).toEqual(['resume 0', 'resumed: backlog']);
    partition.take(fetch(15, [15, 16, 17]));
    for (const offset of [16, 17]) partition.finish(record(offset));
    partition.take(fetch(18, [18, 19]));
    for (const offset of [18, 19]) partition.finish(record(offset));
    expect(calls).toEqual([]);
    partition.take(fetch(20, [20, 21]));
    expect(calls).toEqual(['pause 0', 'paused: backlog']);
  });

  it('offers an offset for commit once', async () => {
    const partition = begin();
    await partition.ready();
    partition.take(fetch(10, [10, 11]));
    partition.finish(record(11));
    expect(partition.due()).toBeUndefined();
    partition.finish(record(10));
    expect(partition.due()).toBe(12n);
    partition.committed(12n);
    expect(partition.due()).toBeUndefined();
  });

  it('takes nothing and touches nothing after its end', async () => {
    const partition = begin();
    await partition.ready();
    partition.take(fetch(10, [10, 11, 12, 13, 14]));
    generation.end();
    generation.end();
    expect(calls.splice(0)).toEqual(['pause 0', 'paused: backlog', 'resumed: backlog']);
    expect(partition.take(fetch(15, [15]))).toBe(false);
    for (const offset of [10, 11, 12, 13, 14]) partition.finish(record(offset));
    partition.pause('outage');
    await turns();
    expect(calls).toEqual([]);
  });

  it('stops fetching when it drains, and still finishes what runs', async () => {
    const partition = begin();
    await partition.ready();
    partition.take(fetch(10, [10]));
    generation.drain();
    expect(calls).toEqual(['pause 0']);
    expect(partition.signal.aborted).toBe(true);
    partition.finish(record(10));
    expect(partition.due()).toBe(11n);
  });

  it('counts no partition as paused once it drains, and fetches none', async () => {
    const partition = begin();
    await partition.ready();
    partition.pause('outage');
    generation.drain();
    expect(calls).toEqual(['paused: outage', 'pause 0', 'resumed: outage']);
  });
});
