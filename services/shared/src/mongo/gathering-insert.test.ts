import { describe, expect, it } from '@jest/globals';
import { type Collection, mongo } from 'mongoose';
import { mongoOutage } from './connect.ts';
import { gatheringInsert } from './gathering-insert.ts';

/** As the driver tells it that the connection broke while a command with many documents was on its way. */
function brokenOnTheWay(): Error {
  const result = { getWriteConcernError: () => undefined } as unknown as mongo.BulkWriteResult;
  return new mongo.MongoBulkWriteError(new mongo.MongoNetworkError('connection 2 closed'), result);
}

describe('a gathering insert whose connection breaks', () => {
  it('tells nobody that his document is stored, and everybody that the database is unavailable', async () => {
    const insert = gatheringInsert({ insertMany: () => Promise.reject(brokenOnTheWay()) } as unknown as Collection);
    const results = await Promise.allSettled([1, 2, 3].map((_id) => insert({ _id })));
    const kinds = results.map((result) => result.status === 'rejected' && mongoOutage(result.reason)?.kind);
    expect(kinds).toEqual(['unavailable', 'unavailable', 'unavailable']);
  });
});
