import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo';
import { orderStoreContract } from './store.contract.ts';
import { mongoOrderStore } from './store.ts';

const connections: Connection[] = [];

afterAll(() => Promise.all(connections.map((connection) => connection.close())));

orderStoreContract('MongoDB', async () => {
  const address = new URL(process.env.TEST_MONGODB_URI ?? '');
  address.pathname = `/orders-${randomUUID()}`;
  const connection = await connectMongo({ mongodbUri: address.href });
  connections.push(connection);
  return mongoOrderStore(connection);
});
