/** What a payment provider does with money: pure, without clock or ids. */

export interface ChargeRequest {
  readonly orderId: string;
  readonly amountCents: number;
  readonly currency: 'BRL';
}

export interface Charge extends ChargeRequest {
  readonly id: string;
  readonly status: 'captured' | 'declined';
  /** Why it was declined. */
  readonly reason?: DeclineReason | undefined;
  readonly createdAt: string;
}

export interface RefundRequest {
  readonly chargeId: string;
  readonly amountCents: number;
}

export interface Refund extends RefundRequest {
  readonly id: string;
  readonly orderId: string;
  readonly currency: 'BRL';
  readonly createdAt: string;
}

export const declineReasons = ['amount-above-limit', 'declined-by-issuer'] as const;
export type DeclineReason = (typeof declineReasons)[number];

/** When charges are declined. */
export interface DeclinePolicy {
  readonly declineRate: number;
  readonly declineAboveCents: number | null;
  readonly seed: number;
}

/** A number from 0 to 1 that is always the same for the same text and seed (FNV-1a, then a final mix). */
export function chanceOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** An order's card is good or bad for ever: another attempt at the same order is decided the same way. */
export function declineReason(request: ChargeRequest, policy: DeclinePolicy): DeclineReason | undefined {
  const { declineRate, declineAboveCents, seed } = policy;
  if (declineAboveCents !== null && request.amountCents > declineAboveCents) return 'amount-above-limit';
  return chanceOf(request.orderId, seed) < declineRate ? 'declined-by-issuer' : undefined;
}

export function isSameCharge(one: ChargeRequest, other: ChargeRequest): boolean {
  return one.orderId === other.orderId && one.amountCents === other.amountCents && one.currency === other.currency;
}

export function isSameRefund(one: RefundRequest, other: RefundRequest): boolean {
  return one.chargeId === other.chargeId && one.amountCents === other.amountCents;
}
