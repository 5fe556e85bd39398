import { describe, expect, it } from '@jest/globals';
import { createAdmin, type RawAdmin } from './admin.ts';

/** An admin whose requests fail with these first; then the answer is that the group never committed. */
function failing(...errors: Error[]) {
  let asked = 0;
  const raw = {
    connect: async () => {},
    fetchOffsets: async () => {
      const error = errors[asked];
      asked += 1;
      if (error !== undefined) throw error;
      return [{ topic: 'orders.created', partitions: [{ partition: 0, offset: '-1' }] }];
    },
    fetchTopicOffsets: async () => [{ partition: 0, low: '3', high: '7' }],
  } as unknown as RawAdmin;
  const offsets = createAdmin(raw, () => ({})).offsets('orders.created', 'group');
  return { offsets, asked: () => asked };
}

function answering(...types: string[]) {
  return failing(...types.map((type) => Object.assign(new Error(`the broker says ${type}`), { type })));
}

describe('a question to Kafka', () => {
  it("is asked again while the group's coordinator is moving", async () => {
    const { offsets, asked } = answering('NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS');
    expect(await offsets).toStrictEqual([{ partition: 0, low: 3n, high: 7n, committed: undefined }]);
    expect(asked()).toBe(3);
  });

  it('is asked again where the client has given up looking for the coordinator', async () => {
    const error = Object.assign(new Error('Failed to find group coordinator'), {
      name: 'KafkaJSGroupCoordinatorNotFound',
    });
    const { offsets, asked } = failing(error);
    expect(await offsets).toStrictEqual([{ partition: 0, low: 3n, high: 7n, committed: undefined }]);
    expect(asked()).toBe(2);
  });

  it('fails as unavailable where that lasts', async () => {
    const { offsets, asked } = answering(...new Array(9).fill('NOT_COORDINATOR_FOR_GROUP'));
    await expect(offsets).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked()).toBe(5);
  });

  it('is not asked again where the answer will stay', async () => {
    const { offsets, asked } = answering('GROUP_AUTHORIZATION_FAILED');
    await expect(offsets).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked()).toBe(1);
  });
});

describe('a topic that is created', () => {
  const unknown = Object.assign(new Error('unknown'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  const notLed = Object.assign(new Error('not led'), { type: 'NOT_LEADER_FOR_PARTITION' });
  const partition = { partitionId: 0, leader: 1, replicas: [1] };

  /** Brokers hear of it, and have its log, after so many questions. */
  function creating(heardAfter: number, ledAfter: number) {
    let [heard, led] = [0, 0];
    const raw = {
      connect: async () => {},
      createTopics: async () => true,
      async fetchTopicMetadata({ topics: [name] }: { topics: string[] }) {
        if (name === undefined) return { topics: [] };
        heard += 1;
        if (heard <= heardAfter) throw unknown;
        return { topics: [{ name, partitions: [partition] }] };
      },
      async fetchTopicOffsets() {
        led += 1;
        if (led <= ledAfter) throw notLed;
        return [{ partition: 0, high: '0', low: '0' }];
      },
    } as unknown as RawAdmin;
    const created = createAdmin(raw, () => ({})).createTopics([{ topic: 't', partitions: 1, replicationFactor: 1 }]);
    return { created, asked: () => [heard, led] };
  }

  it('is there for its caller when it can be written, which is later than Kafka says', async () => {
    const { created, asked } = creating(2, 2);
    expect(await created).toEqual(['t']);
    expect(asked()).toEqual([3, 3]);
  });
});
