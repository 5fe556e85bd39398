import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import type { Decision } from './notification.ts';
import { type NotifyClient, notifyClientWith } from './notify-client.ts';
import type { Letter, NotificationStore } from './ports.ts';
import { memoryNotificationStore } from './store.memory.ts';

const orderId = '64b000000000000000000001';
const decision: Decision = {
  eventId: `${orderId}.2`,
  orderId,
  clientId: '64b0000000000000000000c1',
  outcome: 'failed',
  totalCents: 1_999,
};
const away = new DomainError('unavailable', { code: 'smtp-unavailable', detail: 'silence' });
const noDatabase = new DomainError('unavailable', { code: 'database-unavailable', detail: 'silence' });
const leaseMs = 60_000;

describe('telling a client', () => {
  let store: NotificationStore;
  let now: Date;
  let sent: Letter[];
  let failure: Error | undefined;
  let isDatabaseAway: boolean;
  let databaseBackAt: Date;
  let whileLookingUp: () => Promise<unknown>;
  let whileSending: () => Promise<unknown>;
  let notify: NotifyClient;

  beforeEach(() => {
    const { finish, ...others } = memoryNotificationStore();
    store = {
      ...others,
      async finish(...sentNow) {
        if (isDatabaseAway) throw noDatabase;
        await finish(...sentNow);
      },
    };
    now = new Date('2024-01-15T10:30:00.000Z');
    sent = [];
    failure = undefined;
    isDatabaseAway = false;
    databaseBackAt = new Date(now.getTime() + leaseMs / 2);
    whileLookingUp = async () => {};
    whileSending = async () => {};
    notify = notifyClientWith({
      store,
      async findClient() {
        await whileLookingUp();
        return { name: 'João Silva', email: 'joao@example.com' };
      },
      async send(letter) {
        if (failure) throw failure;
        await whileSending();
        sent.push(letter);
      },
      language: 'en',
      leaseMs,
      clock: () => now,
      async wait(ms) {
        now = new Date(now.getTime() + ms);
        if (now >= databaseBackAt) isDatabaseAway = false;
      },
    });
  });

  afterEach(() => void jest.useRealTimers());

  it('sends one letter, however often the decision comes', async () => {
    expect(await notify(decision, undefined)).toBe('applied');
    expect(await notify(decision, undefined)).toBe('duplicate');
    expect(sent).toMatchObject([{ client: { email: 'joao@example.com' }, decision: { eventId: `${orderId}.2` } }]);
    expect(sent[0]?.wording.subject).toBe(`Payment declined for order ${orderId}`);
  });

  it('passes on no trace that could not be a header, since the call would fail like one in an outage', async () => {
    await notify(decision, 'é\n');
    expect(sent[0]?.traceparent).toBeUndefined();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await notify({ ...decision, orderId: '64b000000000000000000002' }, traceparent);
    expect(sent[1]?.traceparent).toBe(traceparent);
  });

  it('sends one letter when the decision comes twice at once, and asks for patience with the other', async () => {
    const results = await Promise.allSettled([notify(decision, undefined), notify(decision, undefined)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { kind: 'unavailable', code: 'being-sent' },
    });
    expect(sent).toHaveLength(1);
  });

  it('tries again at once after a failure, and records it once', async () => {
    failure = away;
    await expect(notify(decision, undefined)).rejects.toBe(away);
    failure = undefined;
    expect(await notify(decision, undefined)).toBe('applied');
    expect(await store.find(orderId)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('waits for the lease of somebody who may have died, and then sends', async () => {
    await store.begin(decision, { now, until: new Date(now.getTime() + leaseMs) });
    await expect(notify(decision, undefined)).rejects.toMatchObject({ code: 'being-sent' });
    now = new Date(now.getTime() + leaseMs);
    expect(await notify(decision, undefined)).toBe('applied');
    expect(sent).toHaveLength(1);
  });

  it('sends nothing when somebody else took over and told the client while it stood still', async () => {
    const attempt = notify(decision, undefined);
    whileLookingUp = async () => {
      now = new Date(now.getTime() + leaseMs);
      whileLookingUp = async () => {};
      expect(await notify(decision, undefined)).toBe('applied');
    };
    await expect(attempt).rejects.toMatchObject({ code: 'being-sent' });
    expect(await store.find(orderId)).toMatchObject({ status: 'sent', attempts: 2 });
    expect(sent).toHaveLength(1);
  });

  it('has the whole lease for the letter, however long it took to find the client', async () => {
    const almostALease = async () => {
      now = new Date(now.getTime() + leaseMs - 1);
    };
    whileLookingUp = almostALease;
    whileSending = async () => {
      await almostALease();
      expect(await store.begin(decision, { now, until: now })).toMatchObject({ state: 'busy' });
    };
    expect(await notify(decision, undefined)).toBe('applied');
  });

  it('keeps others off for as long as a letter takes, which may be many leases', async () => {
    jest.useFakeTimers();
    const states = new Set<string>();
    const slow = notifyClientWith({
      store,
      findClient: async () => ({ name: 'João Silva', email: 'joao@example.com' }),
      async send() {
        for (let looks = 0; looks < 20; looks += 1) {
          await jest.advanceTimersByTimeAsync(leaseMs / 4);
          states.add((await store.begin(decision, { now: new Date(), until: new Date() })).state);
        }
      },
      language: 'en',
      leaseMs,
      clock: () => new Date(),
      wait: async () => {},
    });
    expect(await slow(decision, undefined)).toBe('applied');
    expect([...states]).toEqual(['busy']);
    expect(await store.find(orderId)).toMatchObject({ status: 'sent', attempts: 1 });
  });

  it('notes a letter that is out when the database is back, and does not send it again', async () => {
    isDatabaseAway = true;
    expect(await notify(decision, undefined)).toBe('applied');
    expect(await store.find(orderId)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(sent).toHaveLength(1);
  });

  it('gives the letter up to others when the database is away for longer than the lease', async () => {
    isDatabaseAway = true;
    databaseBackAt = new Date(now.getTime() + 2 * leaseMs);
    await expect(notify(decision, undefined)).rejects.toBe(noDatabase);
    expect(now.getTime()).toBeLessThan(databaseBackAt.getTime());
  });
});
