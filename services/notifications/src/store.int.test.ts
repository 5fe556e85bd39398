import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { notificationStoreContract } from './store.contract.ts';
import { mongoNotificationStore } from './store.ts';

const connections: Connection[] = [];

afterAll(() => Promise.all(connections.map((connection) => connection.close())));

notificationStoreContract('MongoDB', async () => {
  const address = new URL(process.env.TEST_MONGODB_URI ?? '');
  address.pathname = `/notifications-${randomUUID()}`;
  const connection = await connectMongo({ mongodbUri: address.href });
  connections.push(connection);
  return mongoNotificationStore(connection);
});
