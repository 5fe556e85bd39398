import { databaseBehind } from '@shop/shared/mongo/behind';
import { memoryOutbox } from '@shop/shared/outbox/memory-outbox';
import type { OutboxStore } from '@shop/shared/outbox/outbox';
import { finishRefund, type Payment } from './payment.ts';
import type { PaymentEntry, PaymentStore } from './ports.ts';

function compareAges(a: Payment, b: Payment): number {
  return Number(a.createdAt) - Number(b.createdAt) || (a.orderId < b.orderId ? -1 : Number(a.orderId > b.orderId));
}

/** The twin of the MongoDB store for tests without I/O; both pass the same contract suite. */
export function memoryPaymentStore(): { store: PaymentStore; outbox: OutboxStore<PaymentEntry> } {
  const payments = new Map<string, Payment>();
  const outbox = memoryOutbox<PaymentEntry>();

  function mustFind(orderId: string): Payment {
    const payment = payments.get(orderId);
    if (!payment) throw databaseBehind('The payment');
    return payment;
  }

  const store: PaymentStore = {
    async open(payment) {
      const earlier = payments.get(payment.orderId);
      if (!earlier) payments.set(payment.orderId, payment);
      return earlier;
    },
    async find(orderId) {
      return payments.get(orderId);
    },
    async decide(orderId, decide, { terms, now, traceparent }) {
      const present = mustFind(orderId);
      const decided = decide(present);
      if (!decided) return { payment: present, changed: false, claim: undefined };
      const { payment, duty } = decided;
      payments.set(orderId, payment);
      const entry = { seq: payment.version, ...duty, ...(traceparent && { traceparent }) };
      return { payment, changed: true, claim: outbox.add(orderId, entry, now, terms) };
    },
    async finishRefund(orderId, now) {
      const finished = finishRefund(mustFind(orderId), now);
      if (finished) payments.set(orderId, finished);
    },
    async unfinished(before, limit, after) {
      return [...payments.values()]
        .filter(({ status, createdAt }) => status === 'processing' && createdAt < before)
        .filter((payment) => !after || compareAges(payment, after) > 0)
        .sort(compareAges)
        .slice(0, limit);
    },
  };
  return { store, outbox };
}
