import { describe, expect, it } from '@jest/globals';
import { answerWith } from '@shop/shared/http/answer.fixture';
import type { Answer } from '@shop/shared/http/call';
import { openPayment } from './payment.ts';
import { httpProvider } from './provider.ts';

const orderId = '64b000000000000000000001';
const payment = { ...openPayment(orderId, 3_998, new Date()), status: 'refunding', chargeId: 'ch_1' } as const;
const providerThat = (answer: Answer) =>
  httpProvider({ call: async () => answer, providerUrl: 'http://provider', timeoutMs: 1_000 });
const refund = (answer: Answer) => providerThat(answer).refund(payment, undefined);

describe('the payment provider over HTTP', () => {
  it('has given money back when it answers with that refund', async () => {
    await refund(answerWith(201, { id: 're_1', chargeId: 'ch_1', amountCents: 3_998 }));
  });

  it.each([
    ['the page of a gateway', '<html>welcome</html>'],
    ['nothing of a refund', {}],
    ['the refund of another charge', { id: 're_1', chargeId: 'ch_2', amountCents: 3_998 }],
    ['a refund of less', { id: 're_1', chargeId: 'ch_1', amountCents: 1 }],
  ])('is not taken to have given money back when it answers 200 with %s', async (_what, body) => {
    await expect(refund(answerWith(200, body))).rejects.toMatchObject({
      ...{ kind: 'unavailable', code: 'provider-unavailable' },
    });
  });

  it('tells for how long it asks to be left alone, half a minute at most', async () => {
    const asked = (status: number, seconds: string) => refund(answerWith(status, {}, { 'retry-after': seconds }));
    await expect(asked(429, '7')).rejects.toMatchObject({ kind: 'throttled', retryAfterSeconds: 7 });
    await expect(asked(503, '7')).rejects.toMatchObject({ kind: 'unavailable', retryAfterSeconds: 7 });
    await expect(asked(503, '3600')).rejects.toMatchObject({ retryAfterSeconds: 30 });
  });

  it('tells by what word it refuses for good', async () => {
    await expect(refund(answerWith(404, { code: 'charge-not-found' }))).rejects.toThrow('404 (charge-not-found)');
    await expect(refund(answerWith(404, '<html>'))).rejects.toThrow('answered 404.');
  });
});
