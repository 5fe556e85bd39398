import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Decision } from './notification.ts';
import type { NotificationStore } from './ports.ts';

const now = new Date('2024-01-15T10:30:00.000Z');
const until = new Date('2024-01-15T10:31:00.000Z');
const later = new Date('2024-01-15T10:32:00.000Z');

let made = 0;
function newDecision(): Decision {
  made += 1;
  const orderId = `64b0000000000000${String(made).padStart(8, '0')}`;
  return { eventId: `${orderId}.2`, orderId, clientId: '64b0000000000000000000c1', outcome: 'paid', totalCents: 1 };
}

/** What every store of notifications must do. */
export function notificationStoreContract(name: string, open: () => Promise<NotificationStore>): void {
  describe(`${name} as a store of notifications`, () => {
    let store: NotificationStore;
    let decision: Decision;
    beforeEach(async () => {
      store = await open();
      decision = newDecision();
    });

    it('lets one of many begin that come at once', async () => {
      const begun = await Promise.all(Array.from({ length: 8 }, () => store.begin(decision, { now, until })));
      expect(begun.filter(({ state }) => state === 'begun')).toEqual([{ state: 'begun', attempt: 1 }]);
      expect(begun.filter(({ state }) => state === 'busy')).toHaveLength(7);
    });

    it('lets one of many take over when the lease has run out', async () => {
      await store.begin(decision, { now, until });
      const terms = { now: later, until: new Date(later.getTime() + 60_000) };
      const begun = await Promise.all(Array.from({ length: 8 }, () => store.begin(decision, terms)));
      expect(begun.filter(({ state }) => state === 'begun')).toEqual([{ state: 'begun', attempt: 2 }]);
    });

    it('never begins again what was sent, however late', async () => {
      await store.begin(decision, { now, until });
      await store.finish(decision.orderId, now);
      expect(await store.begin(decision, { now: later, until: later })).toEqual({ state: 'sent' });
      expect(await store.find(decision.orderId)).toEqual({
        orderId: decision.orderId,
        eventId: decision.eventId,
        outcome: 'paid',
        status: 'sent',
        attempts: 1,
        createdAt: now,
        sentAt: now,
      });
    });

    it('is free at once when an attempt gave up, and not when it was taken over from it', async () => {
      await store.begin(decision, { now, until });
      await store.release(decision.orderId, 1, now);
      expect(await store.begin(decision, { now, until })).toEqual({ state: 'begun', attempt: 2 });
      await store.release(decision.orderId, 1, now);
      expect(await store.begin(decision, { now, until })).toEqual({ state: 'busy' });
    });

    it('is kept by the attempt that prolongs its lease, until another one has taken over or it was sent', async () => {
      await store.begin(decision, { now, until });
      expect(await store.renew(decision.orderId, 1, later)).toBe(true);
      expect(await store.begin(decision, { now: until, until: later })).toEqual({ state: 'busy' });
      expect(await store.begin(decision, { now: later, until: later })).toEqual({ state: 'begun', attempt: 2 });
      expect(await store.renew(decision.orderId, 1, later)).toBe(false);
      await store.finish(decision.orderId, later);
      expect(await store.renew(decision.orderId, 2, later)).toBe(false);
    });

    it('knows nothing of an order that nobody began', async () => {
      expect(await store.find(decision.orderId)).toBeUndefined();
    });
  });
}
