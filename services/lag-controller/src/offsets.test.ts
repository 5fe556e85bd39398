import { describe, expect, it } from '@jest/globals';
import { createAdmin, type RawAdmin } from '@shop/shared/messaging/kafka-admin';
import { offsetsReader, partitionSamples } from './offsets.ts';

const fault = (type: string) => Object.assign(new Error(type), { type });
const unused = () => Promise.reject(new Error('unused'));

/** Kafka with topics of two partitions, groups that have committed 3 of 9 messages, and faults. */
function fakeKafka({ faults = {} as Readonly<Record<string, string>>, topics = ['a', 'b'] } = {}) {
  const asked: string[] = [];
  const fail = (name: string) => {
    const type = faults[name];
    if (type !== undefined) throw fault(type);
  };
  const raw: RawAdmin = {
    ...({ connect: async () => {}, disconnect: async () => {} } as RawAdmin),
    async fetchTopicMetadata(options) {
      const names = options?.topics.length ? options.topics : topics;
      asked.push(`topics ${options?.topics.join()}`);
      for (const name of names) fail(name);
      const partitions = [0, 1].map((partitionId) => ({ partitionId, leader: 1, replicas: [1] }));
      return { topics: names.map((name) => ({ name, partitions })) };
    },
    async describeGroups(ids) {
      asked.push(`describe ${ids.join()}`);
      for (const id of ids) fail(id);
      return {
        groups: ids.filter((id) => id !== 'nobody').map((groupId) => ({ groupId, state: 'Stable', members: [] })),
      };
    },
    async fetchOffsets({ groupId, topics: names }) {
      asked.push(`committed ${groupId} ${names.join()}`);
      return names.map((topic) => ({
        topic,
        partitions: [
          { partition: 0, offset: '3' },
          { partition: 1, offset: '-1' },
        ],
      }));
    },
    async fetchTopicOffsets(topic) {
      asked.push(`ends ${topic}`);
      return [0, 1].map((partition) => ({ partition, high: '9', low: '1' }));
    },
    createTopics: unused,
  };
  return { asked, raw, reader: offsetsReader(() => createAdmin(raw, () => ({}))) };
}

const known = [
  { partition: 0, high: 9, low: 1, committed: 3 },
  { partition: 1, high: 9, low: 1, committed: null },
];
const wanted = (...pairs: readonly string[]) =>
  pairs.map((name) => ({ name, group: name.split('-')[0] ?? '', topic: name.split('-')[1] ?? '' }));

describe('reading offsets', () => {
  it('asks once for each topic and each group, however many scalers share them', async () => {
    const { asked, reader } = fakeKafka();
    const found = await reader.read(wanted('g-a', 'g-b', 'h-a'));
    expect(asked).toEqual(['topics ', 'describe g,h', 'committed g a,b', 'committed h a', 'ends a', 'ends b']);
    for (const name of ['g-a', 'g-b', 'h-a'])
      expect(found.get(name)).toEqual({ partitions: known, group: { state: 'Stable', members: 0 }, faults: [] });
  });

  it('has at most eight requests under way', async () => {
    let [running, most] = [0, 0];
    const admin = createAdmin({ connect: async () => {} } as RawAdmin, () => ({}));
    const busy = async <T>(value: T) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return value;
    };
    const topics = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const reader = offsetsReader(() => ({
      ...admin,
      topics: async () => topics.map((topic) => ({ topic, partitions: [{ partition: 0, leader: 1, replicas: [1] }] })),
      describeGroups: () => busy(new Map()),
      committed: () => busy(new Map()),
      offsets: () => busy([{ partition: 0, low: 0n, high: 1n, committed: undefined }]),
    }));
    const found = await reader.read(topics.map((topic) => ({ name: topic, group: topic, topic })));
    expect(found.size).toBe(40);
    expect(most).toBe(8);
  });

  it('loses sight of the topic whose partition has no leader, and of no other one', async () => {
    const { reader } = fakeKafka({ faults: { b: 'LEADER_NOT_AVAILABLE' } });
    const found = await reader.read(wanted('g-a', 'g-b'));
    expect(found.get('g-a')).toMatchObject({ partitions: known, faults: [] });
    expect(found.get('g-b')).toEqual({
      group: { state: 'Stable', members: 0 },
      faults: ['topic b: A partition has no leader.'],
    });
  });

  it('sees every topic that is wanted though one that is not has no leader', async () => {
    const { reader } = fakeKafka({ faults: { c: 'LEADER_NOT_AVAILABLE' }, topics: ['a', 'b', 'c'] });
    expect((await reader.read(wanted('g-a'))).get('g-a')).toMatchObject({ partitions: known, faults: [] });
  });

  it('loses sight of the group whose coordinator is away, and of no other one', async () => {
    const { reader } = fakeKafka({ faults: { h: 'GROUP_COORDINATOR_NOT_AVAILABLE' } });
    const found = await reader.read(wanted('g-a', 'h-a'));
    expect(found.get('g-a')).toMatchObject({ group: { state: 'Stable' }, faults: [] });
    expect(found.get('h-a')?.group).toBeUndefined();
    expect(found.get('h-a')?.faults).toEqual(['group h: Kafka answers: GROUP_COORDINATOR_NOT_AVAILABLE']);
  });

  it('takes a group that the answer leaves out for one that does not exist', async () => {
    const { reader } = fakeKafka();
    expect((await reader.read(wanted('nobody-a'))).get('nobody-a')?.group).toEqual({ state: 'Dead', members: 0 });
  });

  it('takes a new client when the present one does not know a partition that Kafka has', async () => {
    const opened: RawAdmin[] = [];
    const { raw } = fakeKafka();
    const reader = offsetsReader(() => {
      const known = opened.length === 0 ? 1 : 2;
      const one = {
        ...raw,
        fetchTopicOffsets: async (topic: string) => (await raw.fetchTopicOffsets(topic)).slice(0, known),
      };
      opened.push(one);
      return createAdmin(one, () => ({}));
    });
    expect((await reader.read(wanted('g-a'))).get('g-a')?.partitions).toEqual([known[0], { partition: 1 }]);
    expect((await reader.read(wanted('g-a'))).get('g-a')?.partitions).toEqual(known);
    await reader.read(wanted('g-a'));
    expect(opened).toHaveLength(2);
  });

  it('asks nothing of Kafka that it does not need when there is no scaler', async () => {
    const { asked, reader } = fakeKafka();
    expect((await reader.read([])).size).toBe(0);
    expect(asked).toEqual([]);
  });
});

describe('a partition without a leader', () => {
  it('is unknown, even where an older answer has its offsets', () => {
    const offsets = [{ partition: 0, low: 0n, high: 9n, committed: 3n }];
    expect(partitionSamples([{ partition: 0, leader: -1, replicas: [1] }], offsets)).toEqual([{ partition: 0 }]);
  });
});
