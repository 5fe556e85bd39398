import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { processOrderWith } from './process-order.ts';
import { memoryProvider } from './provider.memory.ts';
import { paymentStoreContract } from './store.contract.ts';
import { mongoPaymentStore } from './store.ts';

const connections: Connection[] = [];

afterAll(() => Promise.all(connections.map((connection) => connection.close())));

async function open() {
  const address = new URL(process.env.TEST_MONGODB_URI ?? '');
  address.pathname = `/payments-${randomUUID()}`;
  const connection = await connectMongo({ mongodbUri: address.href });
  connections.push(connection);
  return mongoPaymentStore(connection);
}

paymentStoreContract('MongoDB', open);

describe('payments on MongoDB', () => {
  it('a second delivery charges nobody', async () => {
    const provider = memoryProvider();
    const { store, outbox } = await open();
    const { process } = processOrderWith({
      store,
      provider,
      outbox: { terms: () => undefined, written() {} },
      clock: () => new Date(),
    });
    const order = {
      orderId: '64b000000000000000000001',
      amountCents: 3_998,
      placedAt: new Date(),
      traceparent: undefined,
    };
    expect(await process(order)).toBe('applied');
    expect(await process(order)).toBe('duplicate');
    expect(await process({ ...order, amountCents: 1 })).toBe('duplicate');
    expect(provider.calls).toEqual([`charge ${order.orderId}`]);
    expect(await store.find(order.orderId)).toMatchObject({ status: 'paid', amountCents: 3_998, version: 1 });
    expect((await outbox.backlog()).documents).toBe(1);
  });
});
