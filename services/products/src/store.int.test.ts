import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo';
import { testDatabase } from '../../../e2e/local/test-database.ts';
import { productStoreContract } from './store.contract.ts';
import { mongoProductStore } from './store.ts';

let connection: Connection;

async function open() {
  connection = await connectMongo({ mongodbUri: testDatabase() });
  return mongoProductStore(connection);
}

afterEach(async () => {
  await connection.dropDatabase();
  await connection.close();
});

productStoreContract(open);

describe('the store in MongoDB', () => {
  it('refuses a member that its schema does not know', async () => {
    const store = await open();
    const product = {
      id: 'a'.repeat(24),
      name: 'x',
      description: 'x',
      priceCents: 1,
      quantity: 1,
      createdAt: new Date(),
      onSale: true,
    };
    await expect(store.insert(product)).rejects.toThrow('onSale');
  });
});
