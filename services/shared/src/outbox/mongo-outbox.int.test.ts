import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { type Collection, Schema, Types } from 'mongoose';
import { type Connection, connectMongo } from '../mongo.ts';
import { appendEntry, mongoOutbox, type OutboxDocument, outboxFields, outboxIndex } from './mongo-outbox.ts';
import { outboxContract } from './outbox.contract.ts';
import { type Claim, claimOf, type Entry, type LeaseTerms, newOutbox } from './outbox.ts';

let connection: Connection;

beforeAll(async () => {
  connection = await connectMongo({ mongodbUri: process.env.TEST_MONGODB_URI ?? '' });
});

afterAll(() => connection.close());

async function add(collection: Collection, id: string, seq: number, now: Date, terms?: LeaseTerms) {
  const _id = new Types.ObjectId(id);
  if (seq === 1) {
    const part = newOutbox({ seq }, now, terms);
    await collection.insertOne({ _id, ...part } as object);
    return terms && claimOf(id, part);
  }
  let written: { claim: Claim<Entry> | undefined } | undefined;
  while (!written) {
    const document = (await collection.findOne({ _id })) as unknown as OutboxDocument<Entry>;
    written = await appendEntry(collection, document, { set: {}, entry: { seq }, now, terms });
  }
  return written.claim;
}

outboxContract('a MongoDB collection', async () => {
  const model = connection.model(randomUUID(), new Schema(outboxFields).index(...outboxIndex));
  await model.createIndexes();
  const { collection } = model;
  return {
    store: mongoOutbox<Entry>(collection),
    add: (id, seq, now, terms) => add(collection, id, seq, now, terms),
  };
});
