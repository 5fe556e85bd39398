import { it } from '@jest/globals';
import { until } from '../../../../scripts/testing/until.ts';
import { DomainError } from '../errors.ts';
import { createLog } from '../log.ts';
import { memoryOutbox } from './memory-outbox.ts';
import type { Entry } from './outbox.ts';
import { Relay } from './relay.ts';

const metrics = { delivered: () => {}, published: () => {}, fenced: () => {}, failed: () => {} };

it('a relay that failed takes leases again once the database has answered that nothing waits', async () => {
  const outbox = memoryOutbox<Entry>();
  let isAway = true;
  const relay = new Relay<Entry>({
    store: {
      ...outbox,
      async claimDue(...terms) {
        if (isAway) throw new DomainError('unavailable', { code: 'down', detail: 'down' });
        return await outbox.claimDue(...terms);
      },
    },
    deliver: async (parcels) => parcels.map(() => 'sent' as const),
    ...{ owner: 'a', leaseMs: 60_000, deliverTimeoutMs: 200, sweepMs: 20, batchSize: 10, metrics },
    clock: () => new Date(),
    log: createLog('test', { logLevel: 'silent' }),
  });
  relay.start();
  await until('it has failed', () => relay.terms() === undefined);
  isAway = false;
  await until('it takes leases', () => relay.terms() !== undefined, 5_000);
  await relay.stop();
});
