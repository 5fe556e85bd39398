/** Something the shop sells. Its price never changes, so orders may remember it. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  /** How many there were when it was created; placing an order does not lower it. */
  readonly quantity: number;
  readonly createdAt: Date;
}
