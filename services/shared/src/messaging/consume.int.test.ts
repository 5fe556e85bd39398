import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, openBench, until } from './kafka-bench.ts';
import type { Message } from './message.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';

let bench: Bench;
const open = async (partitions = 1) => {
  bench = await openBench(brokers, partitions);
};
afterEach(() => bench.close());

const text = ({ key, value }: Message) => `${key}=${value}`;
const words = (count: number, word: (index: number) => string) => Array.from({ length: count }, (_, i) => word(i));

/** A handler that remembers what it was given, in order, and holds the messages named here until they are released. */
function holding(...held: string[]) {
  const seen: string[] = [];
  const gates = new Map(held.map((word) => [word, Promise.withResolvers<void>()]));
  return {
    seen,
    release: (word: string) => gates.get(word)?.resolve(),
    async handle(message: Message): Promise<'applied'> {
      seen.push(text(message));
      await gates.get(text(message))?.promise;
      return 'applied';
    },
  };
}

describe('consume, committing', () => {
  beforeEach(() => open());

  it('commits only what is finished without a gap, and the next member starts at the first unfinished message', async () => {
    await bench.produce(...words(10, (i) => `k${i}=v`));
    const first = holding('k0=v', 'k4=v');
    const member = bench.consume({ handle: first.handle });
    await until(() => first.seen.length === 10);
    await sleep(400);
    expect(await bench.committed()).toBeUndefined();
    first.release('k0=v');
    await until(async () => (await bench.committed()) === 4n);
    await sleep(400);
    expect(await bench.committed()).toBe(4n);
    await member.stop({ timeoutMs: 0 });

    const second = holding();
    bench.consume({ handle: second.handle });
    await until(() => second.seen.length >= 6);
    expect(second.seen).toEqual(words(6, (i) => `k${i + 4}=v`));
    await until(async () => (await bench.committed()) === 10n);
  });

  it('finishes and commits what is in hand when it stops, leaves what has not started, and leaves the group at once', async () => {
    await bench.produce('a=1', 'a=2', 'b=1');
    const { seen, handle, release } = holding('a=1');
    const member = bench.consume({ handle });
    await until(() => seen.length === 2);
    const stopped = member.stop({ timeoutMs: 10_000 });
    await sleep(200);
    release('a=1');
    await stopped;
    expect(await bench.committed()).toBe(1n);
    expect(seen).toEqual(['a=1', 'b=1']);
    expect((await bench.admin.describeGroup(bench.groupId)).state).toBe('Empty');
    expect(member.fatal).toEqual([]);
  });
});
