import { amount } from '@shop/shared/contracts/order-events';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';

/** Rules of what a product is made of. Length limits keep a page of a hundred products readable. */
export const productRequest = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^(?=.*\S)\P{Cc}+$/u, 'must not be blank, nor hold control characters'),
  description: z.string().max(2_000),
  price: amount.meta({ description: 'In reais, with at most two decimals' }),
  quantity: z.number().int().min(0).max(1_000_000_000).meta({ description: 'How many there are' }),
});

export type ProductRequest = z.infer<typeof productRequest>;

/** A product never changes once it is created: orders may remember its price. */
export interface Product extends Omit<ProductRequest, 'price'> {
  /** 24 hex digits. */
  readonly id: string;
  readonly priceCents: number;
  readonly createdAt: Date;
}

/** @param request one that {@link productRequest} let pass */
export function newProduct({ price, ...rest }: ProductRequest, id: string, createdAt: Date): Product {
  return { ...rest, priceCents: centsFromDecimal(price) as number, id, createdAt };
}
