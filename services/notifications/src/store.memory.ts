import type { Notification, NotificationStore } from './ports.ts';

/** The store without a database, for tests of what uses it. */
export function memoryNotificationStore(): NotificationStore {
  const records = new Map<string, Notification & { readonly leaseUntil: Date }>();
  return {
    async begin({ orderId, eventId, outcome }, { now, until }) {
      const present = records.get(orderId);
      if (present?.status === 'sent') return { state: 'sent' };
      if (present && present.leaseUntil > now) return { state: 'busy' };
      const attempt = (present?.attempts ?? 0) + 1;
      const first = present ?? { orderId, eventId, outcome, status: 'sending' as const, createdAt: now };
      records.set(orderId, { ...first, attempts: attempt, leaseUntil: until });
      return { state: 'begun', attempt };
    },
    async renew(orderId, attempt, until) {
      const present = records.get(orderId);
      if (present?.status !== 'sending' || present.attempts !== attempt) return false;
      records.set(orderId, { ...present, leaseUntil: until });
      return true;
    },
    async finish(orderId, now) {
      const present = records.get(orderId);
      if (present?.status === 'sending') records.set(orderId, { ...present, status: 'sent', sentAt: now });
    },
    async release(orderId, attempt, now) {
      const present = records.get(orderId);
      if (present?.attempts === attempt) records.set(orderId, { ...present, leaseUntil: now });
    },
    async find(orderId) {
      const present = records.get(orderId);
      if (!present) return undefined;
      const { leaseUntil: _, ...rest } = present;
      return rest;
    },
  };
}
