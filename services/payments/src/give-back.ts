import { outageOf, type TranslateError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import type { Delivery } from '@shop/shared/outbox/relay';
import { within } from '@shop/shared/pause';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import type { Payment } from './payment.ts';
import type { PaymentStore, Provider } from './ports.ts';

export interface GiveBackNeeds {
  readonly store: Pick<PaymentStore, 'find' | 'finishRefund'>;
  readonly provider: Pick<Provider, 'refund'>;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly translate: TranslateError;
  /** How long a delivery waits for a refund, as the reports behind it wait as well. */
  readonly refundPatienceMs: number;
  /** After that long the provider has answered, or never will. */
  readonly refundTimeoutMs: number;
}

/** By then a database that returned data from before a duty was written has caught up. */
export const rereadMs = 10_000;
const firstPauseMs = 2_000;
const longestPauseMs = 600_000;
/** So many calls may hang at once; a provider that answers no refund must not take all sockets. */
const mostRunning = 50;

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
 * reports. One that takes longer than a delivery may goes on behind it, and a later delivery finds it done. A process that
 * ends meanwhile leaves it to the next one, under the same key.
 *
 * @throws what the store does, when the payment cannot be read
 */
export function giveBackWith(needs: GiveBackNeeds): (orderId: string, traceparent?: string) => Promise<Delivery> {
  const { store, provider, clock, log, translate, refundPatienceMs, refundTimeoutMs } = needs;
  const running = new Map<string, Promise<Delivery>>();
  /** Those whose delivery does not wait any more. While there are some, the others are not waited for either. */
  let hanging = 0;

  async function refund(payment: Payment, traceparent: string | undefined): Promise<Delivery> {
    const told = { orderId: payment.orderId, trace_id: traceIdOf(traceparent) };
    try {
      await provider.refund(payment, traceparent);
      await store.finishRefund(payment.orderId, clock());
      log.info(told, 'payment refunded');
      return 'sent';
    } catch (error) {
      const outage = outageOf(error, translate);
      log[outage ? 'warn' : 'error']({ err: error, ...told }, 'refund failed, it is tried again');
      return { retryAfterMs: pauseMs(payment, clock(), 1_000 * (outage?.retryAfterSeconds ?? 0)) };
    }
  }

  function begin(payment: Payment, traceparent: string | undefined): Promise<Delivery> {
    const refunding = refund(payment, traceparent).finally(() => running.delete(payment.orderId));
    running.set(payment.orderId, refunding);
    return refunding;
  }

  async function withPatience(payment: Payment, refunding: Promise<Delivery>): Promise<Delivery> {
    let delivery: Delivery | undefined;
    const ended = refunding.then((answer) => {
      delivery = answer;
    });
    await within(hanging > 0 ? 0 : refundPatienceMs, ended);
    if (delivery !== undefined) return delivery;
    hanging += 1;
    void ended.then(() => {
      hanging -= 1;
    });
    // Until it has ended nobody else is to ask the same.
    return { retryAfterMs: pauseMs(payment, clock(), refundTimeoutMs) };
  }

  return async (orderId, traceparent) => {
    const payment = await store.find(orderId);
    if (payment?.status === 'refunded') return 'sent';
    // The duty was written with that status, so what was read is older.
    if (payment?.status !== 'refunding') {
      const told = { orderId, trace_id: traceIdOf(traceparent), status: payment?.status };
      log.warn(told, 'a refund contradicts what is read, it is tried again');
      return { retryAfterMs: rereadMs };
    }
    const present = running.get(orderId);
    if (!present && running.size >= mostRunning) return { retryAfterMs: pauseMs(payment, clock(), 0) };
    return withPatience(payment, present ?? begin(payment, traceparent));
  };
}
