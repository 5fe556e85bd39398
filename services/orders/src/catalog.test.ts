import { beforeEach, describe, expect, it } from '@jest/globals';
import { answerWith } from '@shop/shared/http/answer.fixture';
import type { Answer, Call } from '@shop/shared/http/call';
import { httpCatalog } from './catalog.ts';

const order = {
  ...{ clientId: 'c', items: [{ productId: 'p', quantity: 1, priceCents: 100 }], totalCents: 100 },
  payments: [{ typePaymentId: 1, amountCents: 100 }],
};

describe('looking clients and products up', () => {
  let asked: string[];
  let answers: (Answer | Error)[];

  const call: Call = async ({ template }) => {
    asked.push(template);
    const next = template.includes('products') ? answerWith(200, { price: 1 }) : answers.shift();
    if (next instanceof Error || next === undefined) throw next;
    return next;
  };
  const lookUp = () =>
    httpCatalog({
      ...{ call, clientsUrl: 'http://clients', productsUrl: 'http://products', timeoutMs: 1_000 },
      ...{ bearer: async () => ({}), cacheMs: 30_000, now: () => 0 },
    })(order, '');
  const clientsAsked = () => asked.filter((template) => template.includes('clients')).length;

  beforeEach(() => {
    asked = [];
  });

  it('asks once more when no answer came, as where an idle connection was closed just then', async () => {
    answers = [new Error('socket hang up'), answerWith(200, { name: 'Maria' })];
    expect(await lookUp()).toEqual({ clientName: 'Maria', priceCentsOf: new Map([['p', 100]]) });
  });

  it('asks no third time, and not again where somebody did answer', async () => {
    answers = [new Error('socket hang up'), new Error('socket hang up')];
    await expect(lookUp()).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(clientsAsked()).toBe(2);
    answers = [answerWith(500, {})];
    await expect(lookUp()).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(clientsAsked()).toBe(3);
  });
});
