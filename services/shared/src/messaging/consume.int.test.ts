import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../../scripts/testing/until.ts';
import { deadLetterTopic } from '../contracts/topics.ts';
import { DomainError } from '../errors.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import type { Message } from './message.ts';
import { type Member, openTopic, quick, type TopicFixture } from './topic.fixture.ts';

jest.setTimeout(60_000);

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const noJson = new DomainError('invalid', { code: 'invalid-json', detail: 'It is no JSON.' });
let fixture: TopicFixture;
const open = async (partitions = 1) => {
  fixture = await openTopic(brokers, partitions);
};
afterEach(() => fixture.close());

const text = ({ key, value }: Message) => `${key}=${value}`;
const words = (count: number, word: (index: number) => string) => Array.from({ length: count }, (_, i) => word(i));
const paused = ({ metric }: Member, reason: string) => metric('consumer_paused_partitions', { reason });

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
    await fixture.produce(...words(10, (i) => `k${i}=v`));
    const first = holding('k0=v', 'k4=v');
    const member = fixture.consume({ handle: first.handle });
    await until('all ten were handled', () => first.seen.length === 10);
    await sleep(400);
    expect(await fixture.committed()).toBeUndefined();
    first.release('k0=v');
    await until('four are committed', async () => (await fixture.committed()) === 4n);
    await sleep(400);
    expect(await fixture.committed()).toBe(4n);
    await member.stop({ timeoutMs: 0 });

    const second = holding();
    fixture.consume({ handle: second.handle });
    await until('the rest was handled', () => second.seen.length >= 6);
    expect(second.seen).toEqual(words(6, (i) => `k${i + 4}=v`));
    await until('ten are committed', async () => (await fixture.committed()) === 10n);
  });

  it('finishes and commits what is in hand when it stops, leaves what has not started, and leaves the group at once', async () => {
    await fixture.produce('a=1', 'a=2', 'b=1');
    const { seen, handle, release } = holding('a=1');
    const member = fixture.consume({ handle });
    await until('both were handled', () => seen.length === 2);
    const stopped = member.stop({ timeoutMs: 10_000 });
    await sleep(200);
    release('a=1');
    await stopped;
    expect(await fixture.committed()).toBe(1n);
    expect(seen).toEqual(['a=1', 'b=1']);
    expect((await fixture.admin.describeGroup(fixture.groupId)).state).toBe('Empty');
    expect(member.fatal).toEqual([]);
  });
});

describe('consume, handling', () => {
  it('keeps the order of every key while many keys run at once', async () => {
    await open(6);
    const perKey = 20;
    await fixture.produce(...words(40 * perKey, (i) => `k${i % 40}=${Math.floor(i / 40)}`));
    const seen = new Map<string, string[]>();
    const running = new Set<string>();
    let [most, overlaps] = [0, 0];
    fixture.consume({
      concurrency: 8,
      async handle({ key, value }) {
        if (running.has(String(key))) overlaps += 1;
        running.add(String(key));
        most = Math.max(most, running.size);
        await sleep(Math.random() * 5);
        seen.set(String(key), [...(seen.get(String(key)) ?? []), String(value)]);
        running.delete(String(key));
        return 'applied';
      },
    });
    // A producer that repeats a send writes some twice, all of them after the first time.
    await until('everything is committed', async () => (await fixture.committedTotal()) === (await fixture.endTotal()));
    expect([...seen.values()].map((values) => [...new Set(values)])).toEqual(Array(40).fill(words(perKey, String)));
    expect({ most, overlaps }).toEqual({ most: 8, overlaps: 0 });
  });

  it('dead-letters a poisonous message with its bytes and headers, and goes on with its neighbours', async () => {
    await open();
    const invalid = Buffer.from([0x7b, 0xff, 0x00]);
    await fixture.produce('a=1');
    await fixture.producer.send([
      {
        topic: fixture.topic,
        key: 'a',
        value: invalid,
        headers: { ce_id: 'a.2', blob: Buffer.from([0xff]), none: null },
      },
    ]);
    await fixture.produce('a=bug', 'b=1');
    const seen: string[] = [];
    const member = fixture.consume({
      async handle(message) {
        seen.push(`${text(message)} ${message.attempt}`);
        if (message.headers.ce_id === 'a.2') throw noJson;
        if (message.value?.toString() === 'bug') throw new TypeError('x is not a function');
        return 'applied';
      },
    });
    const letters = await fixture.readAll(deadLetterTopic(fixture.groupId, fixture.topic), 2);
    expect(letters[0]).toMatchObject({
      key: 'a',
      value: invalid,
      headers: {
        ce_id: 'a.2',
        blob: '\uFFFD',
        none: '',
        '__dlq.errors.topic': fixture.topic,
        '__dlq.errors.partition': '0',
        '__dlq.errors.offset': '1',
        '__dlq.errors.group': fixture.groupId,
        '__dlq.errors.delivery.count': '1',
        '__dlq.errors.message': 'It is no JSON.',
        'dlq-error-code': 'invalid-json',
      },
    });
    expect(letters[1]).toMatchObject({
      value: Buffer.from('bug'),
      headers: { '__dlq.errors.delivery.count': '4', 'dlq-error-code': 'unexpected-error' },
    });
    await until('four are committed', async () => (await fixture.committed()) === 4n);
    expect(seen.filter((line) => line.startsWith('a=bug'))).toHaveLength(4);
    expect(seen).toContain('b=1 1');
    await fixture.produce('a=3');
    await until('the last one was handled', () => seen.includes('a=3 1'));
    expect(member.fatal).toEqual([]);
    expect(await member.metric('consumer_dead_letters_total', { code: 'invalid-json' })).toBe(1);
    expect(await member.metric('consumer_messages_total', { outcome: 'applied' })).toBe(3);
    expect(await member.metric('consumer_messages_total', { outcome: 'dead-lettered' })).toBe(2);
  });

  it('dead-letters where a message stands that is too large for a letter', async () => {
    await open();
    await fixture.producer.send([{ topic: fixture.topic, key: 'a', value: 'x'.repeat(1_048_400), headers: {} }]);
    await fixture.produce('a=1');
    fixture.consume({ handle: () => Promise.reject(noJson) });
    const [large] = await fixture.readAll(deadLetterTopic(fixture.groupId, fixture.topic), 2);
    expect(large).toMatchObject({
      value: null,
      headers: { '__dlq.errors.offset': '0', 'dlq-contents-omitted': 'true' },
    });
  });

  it('pauses while a dependency is down, keeps its membership and dead-letters nothing, then goes on by itself', async () => {
    await open();
    let [down, tries] = [true, 0];
    const seen: string[] = [];
    const member = fixture.consume({
      translate: (error) =>
        (error as Error).message === 'ECONNREFUSED'
          ? new DomainError('unavailable', { code: 'provider-unavailable', detail: 'No answer.' })
          : undefined,
      async handle(message) {
        tries += 1;
        if (down) throw new Error('ECONNREFUSED');
        seen.push(text(message));
        return 'applied';
      },
    });
    await fixture.produce(...words(50, (i) => `k${i % 10}=${i}`));
    await until('the partition is paused', async () => (await paused(member, 'outage')) === 1);
    const { members } = await fixture.admin.describeGroup(fixture.groupId);
    // Longer than the session: a consumer that does not send heartbeats while it is paused would be thrown out.
    await sleep(7_000);
    expect(seen).toEqual([]);
    expect(tries).toBeLessThan(150);
    expect(await fixture.committed()).toBeUndefined();
    await expect(member.live()).resolves.toBeUndefined();
    expect(await fixture.admin.describeGroup(fixture.groupId)).toMatchObject({ state: 'Stable', members });
    down = false;
    await until('fifty are committed', async () => (await fixture.committed()) === 50n);
    expect(seen).toHaveLength(50);
    for (const key of words(10, (i) => `k${i}=`)) {
      const ofKey = seen.filter((word) => word.startsWith(key)).map((word) => Number(word.slice(key.length)));
      expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
    }
    const [letters] = await fixture.admin.offsets(deadLetterTopic(fixture.groupId, fixture.topic));
    expect(letters?.high).toBe(0n);
    expect(await member.metric('consumer_rebalances_total')).toBe(1);
    expect(await member.metric('consumer_paused_partitions')).toBe(0);
  });

  it('waits with a message that cannot be dead-lettered, rather than losing it', async () => {
    await open();
    await fixture.produce('a=1');
    const letters: OutgoingRecord[] = [];
    let [refused, handled] = [0, 0];
    const member = fixture.consume({
      async handle() {
        handled += 1;
        throw noJson;
      },
      async deadLetter(record) {
        refused += 1;
        if (refused < 4) throw new DomainError('unavailable', { code: 'kafka-unavailable', detail: 'No right.' });
        letters.push(record);
      },
    });
    await until('it was refused three times', () => refused === 3);
    expect(await fixture.committed()).toBeUndefined();
    await until('one is committed', async () => (await fixture.committed()) === 1n);
    expect({ letters: letters.length, handled, refused }).toEqual({ letters: 1, handled: 1, refused: 4 });
    expect(await member.metric('consumer_messages_total', { outcome: 'dead-lettered' })).toBe(1);
  });

  it('stays in the group while a handler takes longer than the session', async () => {
    await open(2);
    const seen: string[] = [];
    const member = fixture.consume({
      async handle(message) {
        seen.push(text(message));
        if (message.key === 'slow') await sleep(8_000);
        return 'applied';
      },
    });
    await fixture.produce('slow=1', ...words(30, (i) => `k${i}=v`));
    // The end of the log, not the number of messages: a producer that repeats a send writes some twice.
    await until('all are committed', async () => (await fixture.committedTotal()) === (await fixture.endTotal()));
    await until('nothing is in flight', async () => (await member.metric('consumer_in_flight')) === 0);
    expect([BigInt(seen.length), new Set(seen).size]).toEqual([await fixture.endTotal(), 31]);
    expect(await member.metric('consumer_rebalances_total')).toBe(1);
    expect(await member.metric('consumer_busy_seconds_total')).toBeGreaterThan(8);
  });

  it('loses nothing and keeps every order when members come and go', async () => {
    await open(6);
    const total = 600;
    const seen = new Map<string, number[]>();
    const handle = async ({ key, value }: Message) => {
      const before = seen.get(String(key)) ?? [];
      // Taken down when it begins: two of one key at once would show as an order that goes back.
      seen.set(String(key), [...before, Number(value)]);
      await sleep(Math.random() * 10);
      return 'applied' as const;
    };
    const first = fixture.consume({ handle, concurrency: 4 });
    const send = async () => {
      for (let i = 0; i < total; i += 20) {
        await fixture.produce(...words(20, (k) => `k${k}=${i / 20}`));
        await sleep(100);
      }
    };
    const sending = send();
    await sleep(800);
    const second = fixture.consume({ handle, concurrency: 4 });
    await sleep(1_000);
    await first.stop({ timeoutMs: 5_000 });
    const third = fixture.consume({ handle, concurrency: 4 });
    await sending;
    // The end of the log, not the number of messages: a producer that repeats a send writes some twice.
    await until('everything is committed', async () => (await fixture.committedTotal()) === (await fixture.endTotal()));
    const inOrder = words(total / 20, String).map(Number);
    for (const values of seen.values()) expect(values.filter((v, i) => values.indexOf(v) === i)).toEqual(inOrder);
    expect(seen.size).toBe(20);
    expect([first, second, third].flatMap(({ fatal }) => fatal)).toEqual([]);
    expect(await second.registry.metrics()).toMatch(/^consumer_rebalance_seconds_count\{[^}]*\} [1-9]/m);
  });

  it('stops fetching a partition while too much of it waits, and takes up again', async () => {
    await open();
    const { seen, handle, release } = holding('a=0');
    const bounds = { messages: 20, bytes: 1_000_000, uncommittable: 1_000 };
    const member = fixture.consume({ handle, timing: { ...quick, bounds } });
    await fixture.produce(...words(30, (i) => `a=${i}`));
    await until('the partition is paused', async () => (await paused(member, 'backlog')) === 1);
    for (let i = 30; i < 60; i += 10) await fixture.produce(...words(10, (k) => `a=${i + k}`));
    await sleep(700);
    expect(await member.metric('consumer_in_flight')).toBeLessThan(60);
    release('a=0');
    await until('sixty are committed', async () => (await fixture.committed()) === 60n);
    expect(seen).toEqual(words(60, (i) => `a=${i}`));
    expect(await member.metric('consumer_paused_partitions')).toBe(0);
  });
});
