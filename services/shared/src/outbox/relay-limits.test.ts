import { beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../../scripts/testing/until.ts';
import { DomainError } from '../errors.ts';
import { createLog } from '../log.ts';
import { memoryOutbox } from './memory-outbox.ts';
import type { Claim, Entry } from './outbox.ts';
import { Relay, type RelayOptions } from './relay.ts';

const leaseMs = 17_000;

function relayOf(options: Partial<RelayOptions<Entry>> & Pick<RelayOptions<Entry>, 'store'>): Relay<Entry> {
  return new Relay<Entry>({
    deliver: async (parcels) => parcels.map(() => 'sent' as const),
    ...{ owner: 'a', leaseMs, deliverTimeoutMs: 200, sweepMs: 20, batchSize: 10 },
    metrics: { delivered: () => {}, published: () => {}, fenced: () => {}, failed: () => {} },
    clock: () => new Date(),
    log: createLog('test', { logLevel: 'silent' }),
    ...options,
  });
}

describe('a relay', () => {
  it('that failed takes leases again once the database has answered that nothing waits', async () => {
    const outbox = memoryOutbox<Entry>();
    let isAway = true;
    const relay = relayOf({
      store: {
        ...outbox,
        async claimDue(...terms) {
          if (isAway) throw new DomainError('unavailable', { code: 'down', detail: 'down' });
          return await outbox.claimDue(...terms);
        },
      },
    });
    relay.start();
    await until('it has failed', () => relay.terms() === undefined);
    isAway = false;
    await until('it takes leases', () => relay.terms() !== undefined, 5_000);
    await relay.stop();
  });

  it('sends under a lease of which a delivery may take most, as one of payments is', async () => {
    const outbox = memoryOutbox<Entry>();
    let nowMs = 1_700_000_000_000;
    const clock = () => new Date(nowMs);
    const relay = relayOf({ store: outbox, deliverTimeoutMs: leaseMs - 2_000, clock });
    const claim = outbox.add('order', { seq: 1 }, clock(), relay.terms());
    if (claim) relay.written(claim);
    nowMs += 1_400;
    await relay.round();
    await relay.settleSent();
    expect((await outbox.backlog()).documents).toBe(0);
  });

  describe('of which one delivery takes most of the lease of what came meanwhile', () => {
    const slowMs = 14_000;
    let outbox: ReturnType<typeof memoryOutbox<Entry>>;
    let nowMs: number;
    let sent: string[];
    /** A part of a delivery that is under way. */
    let meanwhile: (id: string) => unknown;
    let relay: Relay<Entry>;
    const clock = () => new Date(nowMs);
    const write = (id: string) => {
      const claim = outbox.add(id, { seq: 1 }, clock(), relay.terms());
      if (claim) relay.written(claim);
    };
    const epochOf = (id: string) => outbox.documents.get(id)?.lease.epoch;

    beforeEach(() => {
      outbox = memoryOutbox<Entry>();
      nowMs = 1_700_000_000_000;
      sent = [];
      meanwhile = (id) => {
        if (id !== 'refund') return;
        write('report');
        nowMs += slowMs;
      };
      relay = relayOf({
        ...{ store: outbox, leaseMs: 35_000, deliverTimeoutMs: 20_000, sweepMs: 60_000, clock },
        async deliver(parcels) {
          for (const { id } of parcels) await meanwhile(id);
          sent.push(...parcels.map(({ id }) => `${id} under lease ${epochOf(id)}`));
          return parcels.map(() => 'sent' as const);
        },
      });
    });

    it('gives that back unsent before it waits for the next delivery, so that any relay may send it', async () => {
      write('refund');
      await relay.round();
      write('other');
      let taken: Claim<Entry>[] = [];
      meanwhile = async () => {
        taken = await outbox.claimDue({ owner: 'b', until: new Date(nowMs + 35_000) }, clock(), 10);
      };
      await relay.round();
      expect(sent).toEqual(['refund under lease 1', 'other under lease 1']);
      expect(taken.map(({ id }) => id)).toEqual(['report']);
    });

    it('looks for it at once, and sends it under a lease of its own', async () => {
      relay.start();
      await until('it has swept and waits', () => relay.terms() !== undefined);
      write('refund');
      await until('the report is sent', () => sent.length === 2, 5_000).finally(() => relay.stop());
      expect(sent).toEqual(['refund under lease 1', 'report under lease 2']);
    });
  });
});
