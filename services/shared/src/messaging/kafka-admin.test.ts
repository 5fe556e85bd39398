import { describe, expect, it } from '@jest/globals';
import { createAdmin, type RawAdmin } from './kafka-admin.ts';

/** An admin whose broker answers with these error types first, and then that the group never committed. */
function answering(...types: string[]) {
  let asked = 0;
  const raw = {
    connect: async () => {},
    fetchOffsets: async () => {
      const type = types[asked];
      asked += 1;
      if (type !== undefined) throw Object.assign(new Error(`the broker says ${type}`), { type });
      return [{ topic: 'orders.created', partitions: [{ partition: 0, offset: '-1' }] }];
    },
  } as unknown as RawAdmin;
  const committed = createAdmin(raw, () => ({})).committed('group', ['orders.created']);
  return { committed, asked: () => asked };
}

describe('a question to Kafka', () => {
  it("is asked again while the group's coordinator is moving", async () => {
    const { committed, asked } = answering('NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS');
    expect((await committed).get('orders.created')).toEqual(new Map());
    expect(asked()).toBe(3);
  });

  it('fails as unavailable where that lasts', async () => {
    const { committed, asked } = answering(...new Array(9).fill('NOT_COORDINATOR_FOR_GROUP'));
    await expect(committed).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked()).toBe(5);
  });

  it('is not asked again where the answer will stay', async () => {
    const { committed, asked } = answering('GROUP_AUTHORIZATION_FAILED');
    await expect(committed).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked()).toBe(1);
  });
});
