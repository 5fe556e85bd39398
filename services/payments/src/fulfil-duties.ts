import { outageOf } from '@shop/shared/errors';
import type { Deliver, Delivery, Parcel } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import { type GiveBackNeeds, giveBackWith, rereadMs } from './give-back.ts';
import { type Payment, startRefund } from './payment.ts';
import type { PaymentEntry, PaymentStore, Report, ReportAnswer } from './ports.ts';

interface Needs extends GiveBackNeeds {
  readonly store: PaymentStore;
  readonly report: Report;
}

const retryAfterMs = 2_000;

/**
 * A database whose primary has just changed may return stale data for seconds: an order is then not found that was accepted,
 * and a payment not decided whose outcome is being reported. Neither is believed, or money would go back, or stay, for good:
 * an order only when orders has answered for so long since the payment.
 */
const staleMs = 60_000;

interface Heard {
  readonly answer: ReportAnswer;
  /** Orders has answered every report since then. */
  readonly answeringSinceMs: number;
  readonly now: Date;
}

function isStale({ status, createdAt }: Payment, { answer, answeringSinceMs, now }: Heard): boolean {
  const isRecent = now.getTime() - Math.max(createdAt.getTime(), answeringSinceMs) < staleMs;
  return status === 'processing' || (answer === 'order-unknown' && isRecent);
}

/**
 * What the relay of payments delivers: the report to orders and, where orders refuses the money, the refund.
 * A refused report becomes a refund duty in the payment's document before the report counts as delivered, so a crash
 * in between repeats the report and ends in the same place.
 */
export function fulfilDutiesWith(needs: Needs): Deliver<PaymentEntry> {
  const { store, report, clock, log, translate } = needs;
  const giveBack = giveBackWith(needs);
  let answeringSinceMs = clock().getTime();

  async function tell(orderId: string, outcome: 'paid' | 'failed', traceparent: string | undefined): Promise<Delivery> {
    const answer = await report(orderId, outcome, traceparent).catch((error: unknown) => {
      answeringSinceMs = clock().getTime();
      throw error;
    });
    if (answer === 'accepted') return 'sent';
    const now = clock();
    const heard = { answer, answeringSinceMs, now };
    const refund = (payment: Payment) => (isStale(payment, heard) ? undefined : startRefund(payment, now));
    const { payment, changed } = await store.decide(orderId, refund, { terms: undefined, now, traceparent });
    const told = { orderId, trace_id: traceIdOf(traceparent), outcome, answer };
    if (!changed && isStale(payment, heard)) {
      log.warn(told, 'outcome not taken by orders, it is told again');
      return { retryAfterMs: rereadMs };
    }
    log.info({ ...told, refund: changed }, 'outcome refused by orders');
    return 'sent';
  }

  async function fulfil({ id, entry }: Parcel<PaymentEntry>): Promise<Delivery | Error> {
    try {
      if (entry.kind === 'report') return await tell(id, entry.outcome, entry.traceparent);
      return await giveBack(id, entry.traceparent);
    } catch (error) {
      const outage = outageOf(error, translate);
      if (outage) return outage;
      const trace_id = traceIdOf(entry.traceparent);
      log.error({ err: error, orderId: id, trace_id, duty: entry.kind }, 'duty failed, it is tried again');
      return { retryAfterMs: 30_000 };
    }
  }

  return async (parcels) => {
    const results = await Promise.all(parcels.map(fulfil));
    const errors = results.filter((result) => result instanceof Error);
    // Nobody can be reached: the relay as a whole pauses, and longer each time. One alone says nothing of the others, which would wait for it.
    if (errors.length === parcels.length && errors.length > 1) throw errors[0];
    if (errors.length > 0)
      log.warn({ err: errors[0], failed: errors.length, of: parcels.length }, 'duties failed, they are tried again');
    return results.map((result) => (result instanceof Error ? { retryAfterMs } : result));
  };
}
