/** What every store of products does; run by the tests of each. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Product } from './product.ts';
import type { ProductStore } from './store.ts';

const productOf = (number: number): Product => ({
  id: number.toString(16).padStart(24, '0'),
  name: `Produto ${number}`,
  description: number % 2 === 0 ? '' : 'Desc',
  priceCents: 1999,
  quantity: 0,
  createdAt: new Date(1_700_000_000_000 + number),
});

/** @param open an empty store, a new one each time */
export function productStoreContract(open: () => Promise<ProductStore>): void {
  describe('a store of products', () => {
    let store: ProductStore;

    beforeEach(async () => {
      store = await open();
    });

    const fill = async (numbers: readonly number[]) => {
      for (const number of numbers) await store.insert(productOf(number));
    };

    const idsOf = async (limit: number, after?: string) => {
      const { items, next } = await store.page({ limit, after });
      return { ids: items.map(({ id }) => Number.parseInt(id, 16)), next };
    };

    it('gives back what was inserted, and nothing for an unknown id', async () => {
      await fill([1, 2]);
      expect(await store.find(productOf(1).id)).toEqual(productOf(1));
      expect(await store.find(productOf(2).id)).toEqual(productOf(2));
      expect(await store.find(productOf(3).id)).toBeUndefined();
    });

    it('takes an id once', async () => {
      await fill([1]);
      await expect(store.insert(productOf(1))).rejects.toThrow();
    });

    it('pages from the newest to the oldest, each once', async () => {
      await fill([3, 1, 2, 5, 4]);
      const first = await idsOf(2);
      const second = await idsOf(2, first.next);
      const third = await idsOf(2, second.next);
      expect([first.ids, second.ids, third.ids]).toEqual([[5, 4], [3, 2], [1]]);
      expect(third.next).toBeUndefined();
    });

    it('moves nothing on later pages when something is inserted meanwhile', async () => {
      await fill([1, 2, 3]);
      const { next } = await idsOf(2);
      await fill([4]);
      expect(await idsOf(2, next)).toEqual({ ids: [1], next: undefined });
    });

    it('has no further page when the last one is full, and an empty one when there is nothing', async () => {
      expect(await idsOf(2)).toEqual({ ids: [], next: undefined });
      await fill([1, 2]);
      expect(await idsOf(2)).toEqual({ ids: [2, 1], next: undefined });
    });
  });
}
