import { describe, expect, it } from '@jest/globals';
import { answerWith } from '@shop/shared/http/answer.fixture';
import type { Answer } from '@shop/shared/http/call';
import { httpOrders } from './orders-api.ts';

const orderId = '64b000000000000000000001';
const tell = (answer: Answer) =>
  httpOrders({
    ...{ call: async () => answer, bearer: async () => ({}), ordersUrl: 'http://orders', timeoutMs: 1_000 },
  })(orderId, 'paid', undefined);

describe('orders over HTTP', () => {
  it('has taken a report when it answers with the order in the reported status', async () => {
    expect(await tell(answerWith(200, { id: orderId, status: 'PAGO', version: 2 }))).toBe('accepted');
  });

  it.each([
    ['nothing of an order', {}],
    ['another status', { id: orderId, status: 'PENDENTE' }],
    ['another order', { id: '64b000000000000000000002', status: 'PAGO' }],
  ])('is not taken to know the outcome when it answers 200 with %s', async (_what, body) => {
    await expect(tell(answerWith(200, body))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'orders-unavailable',
    });
  });
});
