/**
 * - `processing`: the intent is written; the provider may or may not have been asked
 * - `paid`, `declined`: what the provider said
 * - `refunding`, `refunded`: it was paid, but the order could not take it (it was cancelled meanwhile)
 */
export const paymentStatuses = ['processing', 'paid', 'declined', 'refunding', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** One per order, for ever: its existence is what makes a second delivery of the same order harmless. */
export interface Payment {
  readonly orderId: string;
  readonly amountCents: number;
  readonly status: PaymentStatus;
  /** The provider's name for the charge. */
  readonly chargeId?: string;
  readonly declineReason?: string;
  /** Raised with every piece of news that has to be delivered; 0 while there was none. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What the provider says of a charge. The same key always gets the same answer. */
export type ChargeAnswer =
  | { readonly captured: true; readonly chargeId: string }
  | { readonly captured: false; readonly reason: string };

/** What a payment makes others do, in this order: tell orders, and give the money back. */
export type Duty = { readonly kind: 'report'; readonly outcome: 'paid' | 'failed' } | { readonly kind: 'refund' };

export interface Decided {
  readonly payment: Payment;
  readonly duty: Duty;
}

/** The intent, to be written before the provider is asked. */
export function openPayment(orderId: string, amountCents: number, now: Date): Payment {
  return { orderId, amountCents, status: 'processing', version: 0, createdAt: now, updatedAt: now };
}

/** `undefined` when the payment is decided already. */
export function decidePayment(payment: Payment, answer: ChargeAnswer, now: Date): Decided | undefined {
  if (payment.status !== 'processing') return undefined;
  const base = { ...payment, version: payment.version + 1, updatedAt: now };
  return answer.captured
    ? { payment: { ...base, status: 'paid', chargeId: answer.chargeId }, duty: { kind: 'report', outcome: 'paid' } }
    : {
        payment: { ...base, status: 'declined', declineReason: answer.reason },
        duty: { kind: 'report', outcome: 'failed' },
      };
}

/** No redelivery takes as long; a database that is brought back from a backup does. */
const reportRestedMs = 600_000;

/**
 * The outcome once more, where an order comes again long after it was decided: its group was set back, as it is after orders was
 * brought back from a backup that does not have the decision. Orders takes a repeated report for what it is.
 * `undefined` when the report may still be under way, or there is none.
 */
export function repeatReport(payment: Payment, now: Date): Decided | undefined {
  const { status, updatedAt, version } = payment;
  if (status === 'processing' || status === 'refunding') return undefined;
  if (now.getTime() - updatedAt.getTime() < reportRestedMs) return undefined;
  return {
    payment: { ...payment, version: version + 1, updatedAt: now },
    duty: { kind: 'report', outcome: status === 'paid' ? 'paid' : 'failed' },
  };
}

/** The order refused the money: it has to go back. `undefined` when there is none to give back, or it is on its way. */
export function startRefund(payment: Payment, now: Date): Decided | undefined {
  if (payment.status !== 'paid') return undefined;
  return {
    payment: { ...payment, status: 'refunding', version: payment.version + 1, updatedAt: now },
    duty: { kind: 'refund' },
  };
}

/** The provider has given the money back. `undefined` when it was not due. */
export function finishRefund(payment: Payment, now: Date): Payment | undefined {
  if (payment.status !== 'refunding') return undefined;
  return { ...payment, status: 'refunded', updatedAt: now };
}

/** Idempotency keys at the provider: made from the order, so that every process and every attempt uses the same. */
export function chargeKey(orderId: string): string {
  return `charge-${orderId}`;
}

export function refundKey(orderId: string): string {
  return `refund-${orderId}`;
}
