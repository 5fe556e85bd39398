import { DomainError, type TranslateError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import type { Delivery } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import type { Payment } from './payment.ts';
import type { PaymentStore, Provider } from './ports.ts';

export interface GiveBackNeeds {
  readonly store: Pick<PaymentStore, 'find' | 'finishRefund'>;
  readonly provider: Pick<Provider, 'refund'>;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly translate: TranslateError;
}

const staleMs = 10_000;
const firstPauseMs = 2_000;
const longestPauseMs = 600_000;

/**
 * The longer a refund is due, the more rarely it is tried: by its age, which a crash does not forget and other processes see
 * as well.
 */
function pauseMs({ updatedAt }: Payment, now: Date, askedMs: number): number {
  const grown = (now.getTime() - updatedAt.getTime()) / 2;
  return Math.max(askedMs, Math.min(Math.max(firstPauseMs, grown), longestPauseMs));
}

/**
 * Gives the money of a payment back. A refund that fails is answered and not thrown: it says nothing of the others, nor of the
 * reports.
 *
 * @throws what the store does, when the payment cannot be read
 */
export function giveBackWith(needs: GiveBackNeeds): (orderId: string, traceparent?: string) => Promise<Delivery> {
  const { store, provider, clock, log, translate } = needs;

  async function refund(payment: Payment, traceparent: string | undefined): Promise<Delivery> {
    const told = { orderId: payment.orderId, trace_id: traceIdOf(traceparent) };
    try {
      await provider.refund(payment, traceparent);
      await store.finishRefund(payment.orderId, clock());
      log.info(told, 'payment refunded');
      return 'sent';
    } catch (error) {
      const known = error instanceof DomainError ? error : translate(error);
      const retryAfterMs = pauseMs(payment, clock(), 1_000 * (known?.retryAfterSeconds ?? 0));
      const level = known?.kind === 'unavailable' || known?.kind === 'throttled' ? 'warn' : 'error';
      log[level]({ err: error, ...told, retryAfterMs }, 'refund failed, it is tried again');
      return { retryAfterMs };
    }
  }

  return async (orderId, traceparent) => {
    const payment = await store.find(orderId);
    if (payment?.status === 'refunded') return 'sent';
    // The duty was written with that status, so what was read is older.
    if (payment?.status !== 'refunding') {
      const told = { orderId, trace_id: traceIdOf(traceparent), status: payment?.status };
      log.warn(told, 'a refund contradicts what is read, it is tried again');
      return { retryAfterMs: staleMs };
    }
    return refund(payment, traceparent);
  };
}
