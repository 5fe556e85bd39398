import { DomainError, type TranslateError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import type { Deliver, Delivery, Parcel } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import { type Payment, startRefund } from './payment.ts';
import type { PaymentEntry, PaymentStore, Provider, Report, ReportAnswer } from './ports.ts';

interface Needs {
  readonly store: PaymentStore;
  readonly provider: Pick<Provider, 'refund'>;
  readonly report: Report;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly translate: TranslateError;
}

const retryAfterMs = 2_000;
const laterMs = 10_000;

/**
 * A database whose primary has just changed may answer for seconds as of before: an order is then not found that was accepted,
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
export function fulfilDutiesWith({ store, provider, report, clock, log, translate }: Needs): Deliver<PaymentEntry> {
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
      return { retryAfterMs: laterMs };
    }
    log.info({ ...told, refund: changed }, 'outcome refused by orders');
    return 'sent';
  }

  async function giveBack(orderId: string, traceparent: string | undefined): Promise<Delivery> {
    const payment = await store.find(orderId);
    if (payment?.status === 'refunded') return 'sent';
    // The duty was written with that status, so what was read is older.
    if (payment?.status !== 'refunding') {
      const told = { orderId, trace_id: traceIdOf(traceparent), status: payment?.status };
      log.warn(told, 'a refund contradicts what is read, it is tried again');
      return { retryAfterMs: laterMs };
    }
    await provider.refund(payment, traceparent);
    await store.finishRefund(orderId, clock());
    log.info({ orderId, trace_id: traceIdOf(traceparent) }, 'payment refunded');
    return 'sent';
  }

  async function fulfil({ id, entry }: Parcel<PaymentEntry>): Promise<Delivery | Error> {
    try {
      if (entry.kind === 'report') return await tell(id, entry.outcome, entry.traceparent);
      return await giveBack(id, entry.traceparent);
    } catch (error) {
      const known = error instanceof DomainError ? error : translate(error);
      if (known?.kind === 'unavailable' || known?.kind === 'throttled') return known;
      const trace_id = traceIdOf(entry.traceparent);
      log.error({ err: error, orderId: id, trace_id, duty: entry.kind }, 'duty failed, it is tried again');
      return { retryAfterMs: 30_000 };
    }
  }

  return async (parcels) => {
    const results = await Promise.all(parcels.map(fulfil));
    const errors = results.filter((result) => result instanceof Error);
    // Nobody can be reached: the relay as a whole pauses, and longer each time.
    if (errors.length === parcels.length && errors[0]) throw errors[0];
    return results.map((result) => (result instanceof Error ? { retryAfterMs } : result));
  };
}
