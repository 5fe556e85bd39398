import { cutPage } from '@shop/shared/keyset';
import type { Product } from './product.ts';
import type { ProductStore } from './store.ts';

/** The twin of the MongoDB store, for tests without one; passes the same contract. */
export function memoryProductStore(): ProductStore {
  const products = new Map<string, Product>();
  return {
    async insert(product) {
      if (products.has(product.id)) throw new Error(`duplicate id ${product.id}`);
      products.set(product.id, product);
    },
    async find(id) {
      return products.get(id);
    },
    async page({ limit, after }) {
      const below = [...products.values()].filter(({ id }) => after === undefined || id < after);
      return cutPage(
        below.sort((one, other) => (one.id < other.id ? 1 : -1)),
        limit,
      );
    },
  };
}
