import { isDomainError } from '@shop/shared/errors';
import { type ChargeAnswer, decidePayment, openPayment, type Payment } from './payment.ts';
import type { Outbox, PaymentStore, Provider } from './ports.ts';

interface Needs {
  readonly store: PaymentStore;
  readonly provider: Provider;
  readonly outbox: Outbox;
  readonly clock: () => Date;
}

export interface OrderToPay {
  readonly orderId: string;
  readonly amountCents: number;
  readonly traceparent: string | undefined;
}

interface Resumed {
  readonly count: number;
  /** What those failed with that could not be finished: one of them must not keep the others waiting. */
  readonly faults: readonly unknown[];
}

export interface ProcessOrder {
  /** `duplicate` when the order's payment was decided before. When it returns, the outcome is stored and will be reported. */
  readonly process: (order: OrderToPay) => Promise<'applied' | 'duplicate'>;
  /**
   * Finishes payments whose message will not come again, because somebody moved the group's offsets past it. Each call goes
   * on after the last payment that the one before took up, and after the newest begins again at the oldest: as many as
   * `limit` that fail every time do not keep the others waiting.
   */
  readonly resumeUnfinished: (olderThanMs: number, limit: number, signal?: AbortSignal) => Promise<Resumed>;
}

/**
 * Intent, charge, outcome: three steps, and a crash after any of them is survived by doing them again.
 * The intent's insert tells a first delivery from a repeated one, and a repeated one asks the provider before it charges.
 */
export function processOrderWith({ store, provider, outbox, clock }: Needs): ProcessOrder {
  async function finish(payment: Payment, answer: ChargeAnswer, traceparent: string | undefined): Promise<boolean> {
    const now = clock();
    const { changed, claim } = await store.decide(payment.orderId, (present) => decidePayment(present, answer, now), {
      terms: outbox.terms(),
      now,
      traceparent,
      known: payment,
    });
    if (claim) outbox.take(claim);
    else if (changed) outbox.nudge();
    return changed;
  }

  async function resume(payment: Payment, traceparent: string | undefined): Promise<boolean> {
    const answer =
      (await provider.findCharge(payment.orderId, traceparent)) ?? (await provider.charge(payment, traceparent));
    return finish(payment, answer, traceparent);
  }

  /** Takes up one after the other, until it is throttled or told to stop. @returns besides, how many were tried */
  async function resumeEach(payments: readonly Payment[], signal?: AbortSignal): Promise<Resumed & { taken: number }> {
    const faults: unknown[] = [];
    let [count, taken] = [0, 0];
    for (const payment of payments) {
      if (signal?.aborted) break;
      taken += 1;
      try {
        await resume(payment, undefined);
        count += 1;
      } catch (error) {
        faults.push(error);
        if (isDomainError(error, 'throttled')) break;
      }
    }
    return { count, faults, taken };
  }

  let lastTaken: Payment | undefined;

  return {
    async process({ orderId, amountCents, traceparent }) {
      const payment = openPayment(orderId, amountCents, clock());
      const earlier = await store.open(payment);
      if (!earlier) {
        await finish(payment, await provider.charge(payment, traceparent), traceparent);
        return 'applied';
      }
      if (earlier.status !== 'processing') return 'duplicate';
      return (await resume(earlier, traceparent)) ? 'applied' : 'duplicate';
    },

    async resumeUnfinished(olderThanMs, limit, signal) {
      const before = new Date(clock().getTime() - olderThanMs);
      const found = await store.unfinished(before, limit, lastTaken);
      const { taken, ...resumed } = await resumeEach(found, signal);
      const isThrough = taken === found.length && taken < limit;
      lastTaken = isThrough ? undefined : (found[taken - 1] ?? lastTaken);
      return resumed;
    },
  };
}
