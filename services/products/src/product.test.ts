import { describe, expect, it } from '@jest/globals';
import { newProduct, productRequest } from './product.ts';

const produto = { name: 'Produto', description: 'Desc', price: 100, quantity: 10 };
const isAccepted = (more: object) => productRequest.safeParse({ ...produto, ...more }).success;

describe('a product', () => {
  it('is accepted as the walk-through writes it', () => {
    expect(productRequest.parse(produto)).toEqual(produto);
  });

  it('costs a whole number of cents, nothing included', () => {
    for (const price of [0, 0.01, 19.99, 4500]) expect(isAccepted({ price })).toBe(true);
    for (const price of [-1, 0.001, 19.999, 1e15, Number.NaN, '100']) expect(isAccepted({ price })).toBe(false);
  });

  it('keeps its price in cents, exactly', () => {
    const createdAt = new Date(0);
    expect(newProduct({ ...produto, price: 19.99 }, 'id', createdAt)).toEqual({
      ...{ id: 'id', name: 'Produto', description: 'Desc', quantity: 10, priceCents: 1999, createdAt },
    });
  });

  it('is there in a whole number of pieces', () => {
    for (const quantity of [0, 1, 1_000_000_000]) expect(isAccepted({ quantity })).toBe(true);
    for (const quantity of [-1, 1.5, 1_000_000_001, '1']) expect(isAccepted({ quantity })).toBe(false);
  });

  it('has a name that shows, and a description of any kind, within limits', () => {
    expect(isAccepted({ description: '' })).toBe(true);
    expect(isAccepted({ description: 'line\nline' })).toBe(true);
    for (const more of [{ name: ' ' }, { name: 'x'.repeat(201) }, { description: 'x'.repeat(2_001) }])
      expect(isAccepted(more)).toBe(false);
  });
});
