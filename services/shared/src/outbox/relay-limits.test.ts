import { describe, expect, it } from '@jest/globals';
import { until } from '../../../../scripts/testing/until.ts';
import { DomainError } from '../errors.ts';
import { createLog } from '../log.ts';
import { memoryOutbox } from './memory-outbox.ts';
import type { Entry } from './outbox.ts';
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
    if (claim) relay.take(claim);
    nowMs += 1_400;
    await relay.round();
    await relay.settleSent();
    expect((await outbox.backlog()).documents).toBe(0);
  });
});
