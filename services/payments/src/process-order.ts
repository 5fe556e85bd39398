import { isDomainError } from '@shop/shared/errors';
import type { Outbox } from '@shop/shared/outbox/outbox';
import { type ChargeAnswer, type Decided, decidePayment, openPayment, type Payment, repeatReport } from './payment.ts';
import type { PaymentEntry, PaymentStore, Provider } from './ports.ts';

interface Needs {
  readonly store: PaymentStore;
  readonly provider: Provider;
  readonly outbox: Outbox<PaymentEntry>;
  readonly clock: () => Date;
}

export interface OrderToPay {
  readonly orderId: string;
  readonly amountCents: number;
  readonly placedAt: Date;
  readonly traceparent: string | undefined;
}

interface Resumed {
  readonly count: number;
  /** What those failed with that could not be finished: one of them must not keep the others waiting. */
  readonly faults: readonly unknown[];
}

export interface ProcessOrder {
  /**
   * `duplicate` when the order's payment was decided before; then, if long ago, it is reported again. When it returns, the
   * outcome is stored and will be reported.
   */
  readonly process: (order: OrderToPay) => Promise<'applied' | 'duplicate'>;
  /**
   * Finishes payments whose message will not come again, because somebody moved the group's offsets past it. Each call goes
   * on after the last payment that the one before took up, and after the newest begins again at the oldest: as many as
   * `limit` that fail every time do not keep the others waiting.
   */
  readonly resumeUnfinished: (olderThanMs: number, limit: number, signal?: AbortSignal) => Promise<Resumed>;
}

/**
 * Where an order is older, its intent may be missing because payments was brought back from a backup, and the provider may have
 * forgotten the key of its charge: Stripe, for one, keeps keys for a day. So it is asked first.
 */
const keysKeptMs = 12 * 3_600_000;

/**
 * Intent, charge, outcome: three steps, and a crash after any of them is survived by doing them again.
 * The intent's insert tells a first delivery from a repeated one, and a repeated one asks the provider before it charges.
 */
export function processOrderWith({ store, provider, outbox, clock }: Needs): ProcessOrder {
  async function write(
    payment: Payment,
    decide: (present: Payment, now: Date) => Decided | undefined,
    traceparent: string | undefined,
  ): Promise<boolean> {
    const now = clock();
    const { changed, claim } = await store.decide(payment.orderId, (present) => decide(present, now), {
      terms: outbox.terms(),
      now,
      traceparent,
      known: payment,
    });
    if (changed) outbox.written(claim);
    return changed;
  }

  function finish(payment: Payment, answer: ChargeAnswer, traceparent: string | undefined): Promise<boolean> {
    return write(payment, (present, now) => decidePayment(present, answer, now), traceparent);
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
    async process({ orderId, amountCents, placedAt, traceparent }) {
      const now = clock();
      const payment = openPayment(orderId, amountCents, now);
      const earlier = await store.open(payment);
      if (!earlier && now.getTime() - placedAt.getTime() < keysKeptMs) {
        await finish(payment, await provider.charge(payment, traceparent), traceparent);
        return 'applied';
      }
      if (!earlier || earlier.status === 'processing')
        return (await resume(earlier ?? payment, traceparent)) ? 'applied' : 'duplicate';
      if (repeatReport(earlier, now)) await write(earlier, repeatReport, traceparent);
      return 'duplicate';
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
