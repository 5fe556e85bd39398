import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import type { Address, Brokers, ByPartition, Partitions } from './brokers.ts';
import { offsetsReader } from './offsets.ts';
import type { KafkaError, KafkaResult } from './result.ts';

const errorOf = (code: string): KafkaError => ({ code, detail: `Kafka answers: ${code}` });

interface Cluster {
  /** By topic, the leader of each partition; one without is `null`. */
  readonly topics: Record<string, (Address | null)[]>;
  /** By group. */
  readonly coordinators: Record<string, Address>;
  /** What Kafka says of a topic, a group, or a partition as `topic/0`, instead of its offsets. */
  readonly errors: Record<string, string>;
  /** Brokers that do not answer. */
  readonly away: Set<Address>;
}

/** Brokers `b1` and `b2` with topics of two partitions, groups that have committed 3 of 9 messages in the first, and faults. */
function fakeKafka(changes: Partial<Cluster> = {}) {
  const cluster: Cluster = {
    topics: { a: ['b1', 'b2'], b: ['b2', 'b1'] },
    coordinators: { g: 'b1', h: 'b2', nobody: 'b1' },
    ...{ errors: {}, away: new Set() },
    ...changes,
  };
  const asked: string[] = [];
  const ask = async (broker: Address, what: string) => {
    asked.push(`${broker} ${what}`);
    await Promise.resolve();
    if (cluster.away.has(broker) || cluster.away.has('any'))
      throw new DomainError('unavailable', { code: 'kafka-unavailable', detail: `${broker} does not answer` });
  };
  const tell = <T>(value: T, ...names: string[]): KafkaResult<T> => {
    const code = names.map((name) => cluster.errors[name]).find((error) => error !== undefined);
    return code === undefined ? { value } : { error: errorOf(code) };
  };
  const perPartition = <T>(wanted: Partitions, of: (topic: string, partition: number) => T): ByPartition<T> =>
    new Map([...wanted].map(([topic, numbers]) => [topic, new Map(numbers.map((one) => [one, of(topic, one)]))]));
  const brokers: Brokers = {
    async topics(names) {
      await ask('any', `topics ${names.join()}`);
      return new Map(
        names.map((name) => {
          const leaders = cluster.topics[name];
          if (!leaders) return [name, { error: errorOf('UNKNOWN_TOPIC_OR_PARTITION') }];
          const results = leaders.map((leader) =>
            leader === null ? { error: errorOf('LEADER_NOT_AVAILABLE') } : { value: leader },
          );
          return [name, tell(new Map(results.entries()), name)];
        }),
      );
    },
    async coordinators(groups) {
      await ask('any', `coordinators ${groups.join()}`);
      return new Map(
        groups.map((group) => [group, tell(cluster.coordinators[group] ?? 'b1', `coordinator of ${group}`)]),
      );
    },
    async offsets(leader, partitions, which) {
      await ask(
        leader,
        `${which} ${[...partitions].map(([topic, numbers]) => `${topic}:${numbers.join('+')}`).join()}`,
      );
      return perPartition(partitions, (topic, one) => tell(which === 'latest' ? 9 : 1, `${topic}/${one}`));
    },
    async committed(coordinator, wanted) {
      await ask(coordinator, `committed ${[...wanted.keys()].join()}`);
      const moved = (group: string) => (cluster.coordinators[group] === coordinator ? [] : ['moved']);
      cluster.errors.moved = 'NOT_COORDINATOR';
      return new Map(
        [...wanted].map(([group, partitions]) => [
          group,
          tell(
            perPartition(partitions, (topic, one) => tell(one === 0 ? 3 : null, `${group} on ${topic}/${one}`)),
            ...[group, ...moved(group)],
          ),
        ]),
      );
    },
    async groups(coordinator, ids) {
      await ask(coordinator, `groups ${ids.join()}`);
      return new Map(
        ids.map((id) => [id, tell({ state: id === 'nobody' ? 'Dead' : 'Stable', members: 0 } as const, id)]),
      );
    },
  };
  const read = offsetsReader(brokers);
  return {
    cluster,
    /** What was asked since the last time. */
    asked: () => asked.splice(0),
    read,
    one: async (group: string, topic: string) => (await read([{ name: 'one', group, topic }])).get('one'),
  };
}

const known = [
  { partition: 0, high: 9, low: 1, committed: 3 },
  { partition: 1, high: 9, low: 1, committed: null },
];
const stable = { state: 'Stable', members: 0 };
const wanted = (...pairs: readonly string[]) =>
  pairs.map((name) => ({ name, group: name.split('-')[0] ?? '', topic: name.split('-')[1] ?? '' }));

describe('reading offsets', () => {
  it('asks each broker twice about ends and twice about groups, whatever number of scalers there is', async () => {
    const { asked, read } = fakeKafka();
    const found = await read(wanted('g-a', 'g-b', 'h-a'));
    expect(asked()).toEqual([
      ...['any topics a,b', 'any coordinators g,h'],
      ...['b1 groups g', 'b1 committed g', 'b2 groups h', 'b2 committed h'],
      ...['b1 latest a:0,b:1', 'b1 earliest a:0,b:1', 'b2 latest a:1,b:0', 'b2 earliest a:1,b:0'],
    ]);
    for (const name of ['g-a', 'g-b', 'h-a'])
      expect(found.get(name)).toEqual({ partitions: known, group: stable, faults: [] });
    await read(wanted('g-a', 'g-b', 'h-a'));
    expect(asked()).toHaveLength(9);
  });

  it('asks nothing of Kafka when there is no scaler', async () => {
    const { asked, read } = fakeKafka();
    expect((await read([])).size).toBe(0);
    expect(asked()).toEqual([]);
  });

  it('loses sight of the partition that has no leader, and of no other one', async () => {
    const { one, asked } = fakeKafka({ topics: { a: ['b1', null] } });
    expect(await one('g', 'a')).toEqual({
      partitions: [known[0], { partition: 1, committed: null }],
      group: stable,
      faults: ['offsets of a, partition 1: Kafka answers: LEADER_NOT_AVAILABLE'],
    });
    expect(asked().join()).not.toContain('a:0+1');
  });

  it('loses sight of what a broker leads that does not answer, and of nothing else', async () => {
    const { read } = fakeKafka({ coordinators: { g: 'b1', h: 'b2' }, away: new Set(['b2']) });
    const found = await read(wanted('g-a', 'g-b', 'h-a'));
    expect(found.get('g-a')).toMatchObject({ partitions: [known[0], { partition: 1 }], group: stable });
    expect(found.get('g-a')?.faults).toEqual(['offsets of a, partition 1: b2 does not answer']);
    expect(found.get('g-b')?.partitions?.map(({ high }) => high)).toEqual([undefined, 9]);
    expect(found.get('h-a')?.partitions?.[0]).toEqual({ partition: 0, high: 9, low: 1 });
    expect(found.get('h-a')?.faults[0]).toBe('group h: b2 does not answer');
  });

  it('leaves unknown what may not be read, and says of which partitions', async () => {
    const { read } = fakeKafka({
      topics: { a: ['b1', 'b1', 'b1'], b: ['b1'] },
      errors: { 'a/0': 'X', 'a/2': 'X', 'g on b/0': 'TOPIC_AUTHORIZATION_FAILED' },
    });
    const found = await read(wanted('g-a', 'g-b'));
    expect(found.get('g-a')?.faults).toEqual(['offsets of a, partitions 0, 2: Kafka answers: X']);
    expect(found.get('g-b')).toMatchObject({
      partitions: [{ partition: 0, high: 9, low: 1 }],
      faults: ['offsets of g on b, partition 0: Kafka answers: TOPIC_AUTHORIZATION_FAILED'],
    });
  });

  it('tells a topic that does not exist from one that may not be read', async () => {
    const { read } = fakeKafka({ errors: { b: 'TOPIC_AUTHORIZATION_FAILED' } });
    const found = await read(wanted('g-gone', 'g-b', 'g-a'));
    expect(found.get('g-gone')).toEqual({ group: stable, faults: ['topic gone: Kafka has no such topic.'] });
    expect(found.get('g-b')?.faults).toEqual(['topic b: Kafka answers: TOPIC_AUTHORIZATION_FAILED']);
    expect(found.get('g-a')).toMatchObject({ partitions: known, faults: [] });
  });

  it('loses sight of the group that may not be read, and of no other one', async () => {
    const { read } = fakeKafka({ errors: { h: 'GROUP_AUTHORIZATION_FAILED' } });
    const found = await read(wanted('g-a', 'h-a'));
    expect(found.get('g-a')).toMatchObject({ partitions: known, group: stable, faults: [] });
    expect(found.get('h-a')?.group).toBeUndefined();
    expect(found.get('h-a')?.partitions?.[0]).toEqual({ partition: 0, high: 9, low: 1 });
    expect(found.get('h-a')?.faults).toEqual(['group h: Kafka answers: GROUP_AUTHORIZATION_FAILED']);
  });

  it('asks the new coordinator at once when a group has moved', async () => {
    const { cluster, one, asked } = fakeKafka();
    await one('g', 'a');
    cluster.coordinators.g = 'b2';
    asked();
    expect(await one('g', 'a')).toMatchObject({ partitions: known, faults: [] });
    expect(asked().filter((what) => / (coordinators|committed) /.test(what))).toEqual([
      ...['b1 committed g', 'any coordinators g', 'b2 committed g'],
    ]);
  });

  it('looks for a coordinator that was not there once a round', async () => {
    const { cluster, one, asked } = fakeKafka({ errors: { 'coordinator of g': 'COORDINATOR_NOT_AVAILABLE' } });
    const lost = await one('g', 'a');
    expect(lost?.group).toBeUndefined();
    expect(lost?.faults).toEqual(['group g: Kafka answers: COORDINATOR_NOT_AVAILABLE']);
    expect(asked().filter((what) => what.includes('coordinators'))).toHaveLength(1);
    delete cluster.errors['coordinator of g'];
    expect(await one('g', 'a')).toMatchObject({ partitions: known, group: stable, faults: [] });
  });

  it('asks no more when no broker answers, and says so once', async () => {
    const { one, asked } = fakeKafka({ away: new Set(['any']) });
    expect(await one('g', 'a')).toEqual({ faults: ['any does not answer'] });
    expect(asked()).toEqual(['any topics a']);
  });

  it('takes a group that does not exist for Dead', async () => {
    expect((await fakeKafka().one('nobody', 'a'))?.group).toEqual({ state: 'Dead', members: 0 });
  });
});
