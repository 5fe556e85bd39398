import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { orderStoreContract } from './store.contract.ts';
import { mongoOrderStore } from './store.ts';

const connections: Connection[] = [];

afterAll(() => Promise.all(connections.map((connection) => connection.close())));

async function connect(): Promise<Connection> {
  const address = new URL(process.env.TEST_MONGODB_URI ?? '');
  address.pathname = `/orders-${randomUUID()}`;
  const connection = await connectMongo({ mongodbUri: address.href });
  connections.push(connection);
  return connection;
}

orderStoreContract('MongoDB', async () => mongoOrderStore(await connect()));

it('the order store opens with the indexes that it cannot do without, and makes those of the lists when it is asked', async () => {
  const connection = await connect();
  const { makeListIndexes } = await mongoOrderStore(connection);
  const names = async () => (await connection.collection('orders').indexes()).map(({ name }) => name).toSorted();
  const needed = ['_id_', 'idempotency.key_1', 'outbox_due'];
  expect(await names()).toEqual(needed);
  await makeListIndexes({
    signal: AbortSignal.timeout(30_000),
    onFailure(error) {
      throw error;
    },
  });
  expect(await names()).toEqual([...needed, 'clientId_1__id_-1', 'status_1__id_-1'].toSorted());
});

it('the order store asks for the indexes of the lists again until they are there', async () => {
  const connection = await connect();
  const { makeListIndexes } = await mongoOrderStore(connection);
  const orders = connection.collection('orders');
  const { createIndexes } = orders;
  orders.createIndexes = () => Promise.reject(new Error('not primary'));
  const failures: unknown[] = [];
  await makeListIndexes({
    signal: AbortSignal.timeout(30_000),
    onFailure(error) {
      failures.push(error);
      orders.createIndexes = createIndexes;
    },
  });
  expect(failures).toHaveLength(1);
  expect(await orders.indexes()).toContainEqual(expect.objectContaining({ key: { status: 1, _id: -1 } }));
});
