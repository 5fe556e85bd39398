import type { OrderStatus } from '@shop/shared/contracts/order-status';
import type { Page, PageRequest } from '@shop/shared/keyset';
import type { Claim, LeaseTerms } from '@shop/shared/outbox/outbox';
import type { CatalogFacts, Order, OrderRequest } from './order.ts';
import type { OrderEntry } from './order-event.ts';

/** Makes a retried request recognisable: the caller's key, and a digest of what was asked under it. */
export interface Idempotency {
  readonly key: string;
  readonly fingerprint: string;
}

/** An order after a change, and the news of it. */
export interface Change {
  readonly order: Order;
  readonly entry: OrderEntry;
}

export interface OrderPageRequest extends PageRequest {
  readonly status?: OrderStatus | undefined;
  readonly clientId?: string | undefined;
}

/** An order and its unsent events in one document; every method is one atomic write or one read. */
export interface OrderStore {
  /** The claim where `terms` leased the new document; `'key-taken'` where another order has the idempotency key. */
  readonly insert: (
    order: Order,
    entry: OrderEntry,
    options: { terms?: LeaseTerms | undefined; idempotency?: Idempotency | undefined },
  ) => Promise<Claim<OrderEntry> | 'key-taken' | undefined>;
  readonly find: (id: string) => Promise<Order | undefined>;
  readonly findByKey: (key: string) => Promise<{ order: Order; fingerprint: string } | undefined>;
  /** Newest first. */
  readonly page: (query: OrderPageRequest) => Promise<Page<Order>>;
  /**
   * Applies `decide` to the order as it is and writes its result if nothing changed meanwhile, else asks it again.
   * `undefined` from `decide` writes nothing; what it throws passes through. `undefined` is answered for an unknown id.
   */
  readonly change: (
    id: string,
    decide: (order: Order) => Change | undefined,
    terms: LeaseTerms | undefined,
    now: Date,
  ) => Promise<{ order: Order; changed: boolean; claim: Claim<OrderEntry> | undefined } | undefined>;
  /** Which of these orders are decided. */
  readonly decided: (ids: readonly string[]) => Promise<string[]>;
}

/** @throws DomainError `unavailable` when clients or products does not answer */
export type LookUp = (request: OrderRequest, traceparent: string) => Promise<CatalogFacts>;
