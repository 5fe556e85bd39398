import { describe, expect, it } from '@jest/globals';
import { readOrderCreated } from './order-created-message.ts';

const event = {
  ...{ orderId: '64b000000000000000000000', clientId: '64b000000000000000000001', total: 10.5, status: 'PENDENTE' },
  items: [{ productId: '64b000000000000000000002', quantity: 1, price: 10.5 }],
  ...{ itemsCount: 1, createdAt: '2026-01-31T12:00:00.000Z' },
};
const value = Buffer.from(JSON.stringify(event));
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('an order that was created, as a message', () => {
  it('carries its trace on', () => {
    expect(readOrderCreated({ value, headers: { traceparent } })).toEqual({
      ...{ orderId: event.orderId, amountCents: 1_050, placedAt: new Date(event.createdAt), traceparent },
    });
  });

  it.each(['x\r\ny: z', '\u0000', 'é', '', `${traceparent} `])(
    'is paid without a trace where that is %j, which no call could pass on: it would wait for ever',
    (hostile) => {
      expect(readOrderCreated({ value, headers: { traceparent: hostile } }).traceparent).toBeUndefined();
    },
  );
});
