import { DomainError, type TranslateError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import type { Deliver, Delivery, Parcel } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import { startRefund } from './payment.ts';
import type { PaymentEntry, PaymentStore, Provider, Report } from './ports.ts';

interface Needs {
  readonly store: PaymentStore;
  readonly provider: Pick<Provider, 'refund'>;
  readonly report: Report;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly translate: TranslateError;
}

const retryAfterMs = 2_000;

/**
 * What the relay of payments delivers: the report to orders and, where orders refuses the money, the refund.
 * A refused report becomes a refund duty in the payment's document before the report counts as delivered, so a crash
 * in between repeats the report and ends in the same place.
 */
export function fulfilDutiesWith({ store, provider, report, clock, log, translate }: Needs): Deliver<PaymentEntry> {
  async function tell(orderId: string, outcome: 'paid' | 'failed', traceparent: string | undefined): Promise<void> {
    if ((await report(orderId, outcome, traceparent)) === 'accepted') return;
    const now = clock();
    const { changed } = await store.decide(orderId, (payment) => startRefund(payment, now), {
      terms: undefined,
      now,
      traceparent,
    });
    log.info({ orderId, trace_id: traceIdOf(traceparent), outcome, refund: changed }, 'outcome refused by orders');
  }

  async function giveBack(orderId: string, traceparent: string | undefined): Promise<void> {
    const payment = await store.find(orderId);
    if (payment?.status !== 'refunding') return;
    await provider.refund(payment, traceparent);
    await store.finishRefund(orderId, clock());
    log.info({ orderId, trace_id: traceIdOf(traceparent) }, 'payment refunded');
  }

  async function fulfil({ id, entry }: Parcel<PaymentEntry>): Promise<Delivery | Error> {
    try {
      if (entry.kind === 'report') await tell(id, entry.outcome, entry.traceparent);
      else await giveBack(id, entry.traceparent);
      return 'sent';
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
