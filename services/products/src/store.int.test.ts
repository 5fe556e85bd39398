import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { documentsContract } from '@shop/shared/mongo/documents.contract';
import { testDatabase } from '../../../scripts/testing/test-database.ts';
import type { Product } from './product.ts';
import { mongoProductStore } from './store.ts';

let connection: Connection;

const productOf = (id: string): Product => ({
  id,
  name: 'Produto',
  description: '',
  priceCents: 1999,
  quantity: 0,
  createdAt: new Date(1_700_000_000_000),
});

async function open() {
  connection = await connectMongo({ mongodbUri: testDatabase() });
  return mongoProductStore(connection);
}

afterEach(async () => {
  await connection.dropDatabase();
  await connection.close();
});

documentsContract('products', { open, thingOf: productOf });

describe('the store in MongoDB', () => {
  it('refuses a member that its schema does not know', async () => {
    const store = await open();
    await expect(store.insert({ ...productOf('a'.repeat(24)), onSale: true } as Product)).rejects.toThrow('onSale');
  });
});
