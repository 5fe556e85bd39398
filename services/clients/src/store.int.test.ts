import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo';
import { testDatabase } from '../../../e2e/local/test-database.ts';
import { clientStoreContract } from './store.contract.ts';
import { mongoClientStore } from './store.ts';

let connection: Connection;

async function open() {
  connection = await connectMongo({ mongodbUri: testDatabase() });
  return mongoClientStore(connection);
}

afterEach(async () => {
  await connection.dropDatabase();
  await connection.close();
});

clientStoreContract(open);

describe('the store in MongoDB', () => {
  it('refuses a member that its schema does not know', async () => {
    const store = await open();
    const client = {
      id: 'a'.repeat(24),
      name: 'x',
      email: 'x',
      phone: 'x',
      cpf: 'x',
      createdAt: new Date(),
      admin: true,
    };
    await expect(store.insert(client)).rejects.toThrow('admin');
  });
});
