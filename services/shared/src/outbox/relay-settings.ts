import { integer } from '../env.ts';

export const relaySettings = {
  outboxLeaseMs: integer(
    'OUTBOX_LEASE_MS',
    '15000',
    'how long entries wait for a relay that died, before another takes over; in payments longer by its longest patience with whom it calls',
    [1_000, 600_000],
  ),
  outboxSweepMs: integer(
    'OUTBOX_SWEEP_MS',
    '1000',
    'how often stragglers are looked for; a fifth as often while there has been nothing to send for long',
    [10, 60_000],
  ),
  outboxBatchSize: integer('OUTBOX_BATCH_SIZE', '200', 'most entries delivered at once', [1, 1_000]),
};
