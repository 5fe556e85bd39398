import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { documentsContract } from '@shop/shared/mongo/documents.contract';
import { testDatabase } from '../../../scripts/testing/test-database.ts';
import type { Client } from './client.ts';
import { mongoClientStore } from './store.ts';

let connection: Connection;

const clientOf = (id: string): Client => ({
  id,
  name: 'João',
  email: 'joao@test.com',
  phone: '11999999999',
  cpf: '12345678901',
  createdAt: new Date(1_700_000_000_000),
});

async function open() {
  connection = await connectMongo({ mongodbUri: testDatabase() });
  return mongoClientStore(connection);
}

afterEach(async () => {
  await connection.dropDatabase();
  await connection.close();
});

documentsContract('clients', { open, thingOf: clientOf });

describe('the store in MongoDB', () => {
  it('refuses a member that its schema does not know', async () => {
    const store = await open();
    await expect(store.insert({ ...clientOf('a'.repeat(24)), admin: true } as Client)).rejects.toThrow('admin');
  });
});
