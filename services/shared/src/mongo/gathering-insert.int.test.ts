import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo, isDuplicateKey } from './connect.ts';
import { gatheringInsert } from './gathering-insert.ts';

let connection: Connection;

beforeAll(async () => {
  connection = await connectMongo({ mongodbUri: process.env.TEST_MONGODB_URI ?? '' });
});

afterAll(() => connection.close());

describe('a gathering insert', () => {
  it('refuses duplicates and none of those that are inserted with them', async () => {
    const collection = connection.collection(randomUUID());
    await collection.createIndex({ key: 1 }, { unique: true });
    const insert = gatheringInsert(collection);
    const keys = Array.from({ length: 60 }, (_, index) => (index === 40 ? 7 : index));
    const results = await Promise.allSettled(keys.map((key, _id) => insert({ _id, key })));
    const refused = results.flatMap((result, index) => (result.status === 'rejected' ? [{ index, result }] : []));
    expect(refused.map(({ index }) => index)).toEqual([40]);
    expect(isDuplicateKey(refused[0]?.result.reason)).toBe(true);
    expect(await collection.countDocuments()).toBe(59);
  });

  it('passes the failure of the whole command on to everybody in it', async () => {
    const other = await connectMongo({ mongodbUri: process.env.TEST_MONGODB_URI ?? '' });
    const insert = gatheringInsert(other.collection(randomUUID()));
    await other.close();
    const results = await Promise.allSettled([1, 2, 3].map((_id) => insert({ _id })));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
