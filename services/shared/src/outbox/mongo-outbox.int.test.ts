import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Collection, Schema, Types } from 'mongoose';
import { type Connection, connectMongo } from '../mongo/connect.ts';
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

async function newCollection(): Promise<Collection> {
  const model = connection.model(randomUUID(), new Schema(outboxFields).index(...outboxIndex));
  await model.createIndexes();
  return model.collection;
}

outboxContract('a MongoDB collection', async () => {
  const collection = await newCollection();
  return {
    store: mongoOutbox<Entry>(collection),
    add: (id, seq, now, terms) => add(collection, id, seq, now, terms),
  };
});

/** The collection, to which something happens right before each bulk write. */
function interrupted(collection: Collection, before: (write: number) => Promise<unknown> | undefined): Collection {
  let writes = 0;
  return new Proxy(collection, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = member.bind(target);
      if (name !== 'bulkWrite') return method;
      return async (...given: unknown[]) => {
        writes += 1;
        await before(writes);
        return method(...given);
      };
    },
  });
}

const idAt = (index: number) => `64b0000000000000000001${String(index).padStart(2, '0')}`;

it('claims nothing of a document whose holder settles it between the reading and the claiming', async () => {
  const collection = await newCollection();
  const [start, end, late] = [0, 1_000, 2_000].map((ms) => new Date(ms)) as [Date, Date, Date];
  const held = await add(collection, '64b000000000000000000001', 1, start, { owner: 'slow', until: end });
  const holder = mongoOutbox<Entry>(collection);
  const other = mongoOutbox<Entry>(interrupted(collection, () => holder.settle(held ? [held] : [])));
  expect(await other.claimDue({ owner: 'other', until: new Date(9_000) }, late, 10)).toEqual([]);
});

it('settles many documents that have more to send by two bulk writes', async () => {
  const collection = await newCollection();
  const [start, end] = [new Date(0), new Date(9_000)];
  for (let index = 0; index < 40; index += 1) {
    await add(collection, idAt(index), 1, start);
    if (index % 2 === 0) await add(collection, idAt(index), 2, start);
  }
  let writes = 0;
  const store = mongoOutbox<Entry>(
    interrupted(collection, (write) => {
      writes = write;
      return undefined;
    }),
  );
  const claims = await mongoOutbox<Entry>(collection).claimDue({ owner: 'a', until: end }, new Date(1), 100);
  const { remaining, fenced } = await store.settle(claims);
  expect([claims.length, remaining.length, fenced, writes]).toEqual([40, 20, 0, 2]);
});

it('does not take for its own what a writer adds to a document right after it was settled', async () => {
  const collection = await newCollection();
  const [start, end] = [new Date(0), new Date(9_000)];
  for (const index of [0, 1]) await add(collection, idAt(index), 1, start);
  await add(collection, idAt(1), 2, start);
  const claims = await mongoOutbox<Entry>(collection).claimDue({ owner: 'a', until: end }, new Date(1), 10);
  const store = mongoOutbox<Entry>(
    interrupted(collection, (write) => (write === 2 ? add(collection, idAt(0), 2, new Date(2)) : undefined)),
  );
  const { remaining, fenced } = await store.settle(claims);
  expect([remaining.map(({ id }) => id), fenced]).toEqual([[idAt(1)], 0]);
  expect((await store.claimDue({ owner: 'b', until: end }, new Date(3), 10)).map(({ id }) => id)).toEqual([idAt(0)]);
});
