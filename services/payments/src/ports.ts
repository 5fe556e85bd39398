import type { Claim, Entry, LeaseTerms } from '@shop/shared/outbox/outbox';
import type { ChargeAnswer, Decided, Duty, Payment } from './payment.ts';

/** A duty that waits in the payment's document until it is done. */
export type PaymentEntry = Entry & Duty & { readonly traceparent?: string | undefined };

/** A payment and its duties in one document; every method is one atomic write or one read. */
export interface PaymentStore {
  /** Writes the intent. The payment that is there already, where the order has one: the insert is the guard, not a read. */
  readonly open: (payment: Payment) => Promise<Payment | undefined>;
  readonly find: (orderId: string) => Promise<Payment | undefined>;
  /**
   * Applies `decide` to the payment as it is; `undefined` from it writes nothing. The claim, where the lease was taken.
   * What the caller knows of it spares a read where it is still so.
   */
  readonly decide: (
    orderId: string,
    decide: (payment: Payment) => Decided | undefined,
    options: { terms: LeaseTerms | undefined; now: Date; traceparent: string | undefined; known?: Payment },
  ) => Promise<{ payment: Payment; changed: boolean; claim: Claim<PaymentEntry> | undefined }>;
  readonly finishRefund: (orderId: string, now: Date) => Promise<void>;
  /** Payments that have been `processing` since before `before`, oldest first, those of one moment by id; only what comes after `after`. */
  readonly unfinished: (before: Date, limit: number, after?: Payment) => Promise<Payment[]>;
}

/**
 * The payment provider.
 *
 * @throws DomainError `unavailable` when it does not answer or has trouble of its own, `throttled` when it asks for a
 * pause. In both cases nothing is known of the outcome: ask again with the same payment.
 */
export interface Provider {
  readonly charge: (payment: Payment, traceparent: string | undefined) => Promise<ChargeAnswer>;
  /** What it knows of the order's charge; `undefined` when it never had one. */
  readonly findCharge: (orderId: string, traceparent: string | undefined) => Promise<ChargeAnswer | undefined>;
  /** Gives all of a charge back, once, however often it is asked. */
  readonly refund: (payment: Payment, traceparent: string | undefined) => Promise<void>;
}

/**
 * `refused`: the order is decided otherwise; asking again will not change that. `order-unknown`: orders does not have it, or
 * does not see it yet.
 */
export type ReportAnswer = 'accepted' | 'refused' | 'order-unknown';

/** Tells orders the outcome. @throws DomainError `unavailable` when it can't be told now */
export type Report = (
  orderId: string,
  outcome: 'paid' | 'failed',
  traceparent: string | undefined,
) => Promise<ReportAnswer>;
