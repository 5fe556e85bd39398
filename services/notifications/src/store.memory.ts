import type { Notification, NotificationStore } from './ports.ts';

/** The store without a database, for tests of what uses it. */
export function memoryNotificationStore(): NotificationStore {
  const records = new Map<string, Notification & { readonly leaseUntil: Date; readonly unanswered: number }>();
  return {
    async begin({ orderId, eventId, outcome }, { now, until }) {
      const present = records.get(orderId);
      if (present?.status === 'sent') return { state: 'sent' };
      if (present && present.leaseUntil > now) return { state: 'busy', until: present.leaseUntil };
      const attempt = (present?.attempts ?? 0) + 1;
      const first = present ?? { orderId, eventId, outcome, status: 'sending' as const, createdAt: now, unanswered: 0 };
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
    async release(orderId, attempt, { now, isUnanswered }) {
      const present = records.get(orderId);
      if (present?.status !== 'sending' || present.attempts !== attempt) return 0;
      const unanswered = present.unanswered + (isUnanswered ? 1 : 0);
      records.set(orderId, { ...present, leaseUntil: now, unanswered });
      return unanswered;
    },
    async find(orderId) {
      const present = records.get(orderId);
      if (!present) return undefined;
      const { leaseUntil: _, unanswered: __, ...rest } = present;
      return rest;
    },
  };
}
