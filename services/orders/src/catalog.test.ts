import { setImmediate as turn } from 'node:timers/promises';
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

  describe('for an order of many products', () => {
    let pending: number;
    let mostPending: number;
    let productsAsked: string[];

    const slowCall: Call = async ({ url }) => {
      const id = url.split('/').at(-1) ?? '';
      if (url.includes('clients'))
        return id === 'nobody' ? answerWith(404, { code: 'client-not-found' }) : answerWith(200, { name: 'Maria' });
      productsAsked.push(id);
      pending += 1;
      mostPending = Math.max(mostPending, pending);
      await turn();
      pending -= 1;
      return id.startsWith('ghost') ? answerWith(404, { code: 'product-not-found' }) : answerWith(200, { price: 1 });
    };
    const lookUpMany = (productIds: readonly string[], clientId = 'c') =>
      httpCatalog({
        ...{ call: slowCall, clientsUrl: 'http://clients', productsUrl: 'http://products', timeoutMs: 1_000 },
        ...{ bearer: async () => ({}), cacheMs: 30_000, now: () => 0 },
      })(
        { ...order, clientId, items: productIds.map((productId) => ({ productId, quantity: 1, priceCents: 100 })) },
        '',
      );
    const ids = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index}`);

    beforeEach(() => {
      pending = 0;
      mostPending = 0;
      productsAsked = [];
    });

    it('asks for eight at a time, and for all where all are known', async () => {
      const { priceCentsOf } = await lookUpMany(ids('chair', 100));
      expect([...priceCentsOf]).toEqual(ids('chair', 100).map((id) => [id, 100]));
      expect([productsAsked.length, mostPending]).toEqual([100, 8]);
    });

    it('asks for no more than those where one of them is unknown, and says which', async () => {
      const made = await lookUpMany([...ids('chair', 10), ...ids('ghost', 90)]);
      expect(productsAsked).toEqual([...ids('chair', 10), ...ids('ghost', 6)]);
      expect([...made.priceCentsOf].filter(([, price]) => price === undefined)).toEqual(
        ids('ghost', 6).map((id) => [id, undefined]),
      );
    });

    it('asks for no more than the first eight, which go with the client, where that is unknown', async () => {
      const { clientName, priceCentsOf } = await lookUpMany(ids('chair', 100), 'nobody');
      expect([clientName, priceCentsOf.size, productsAsked.length]).toEqual([undefined, 8, 8]);
    });
  });
});
