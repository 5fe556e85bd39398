import { counter, gauge, histogram, type Registry, scrapeTimeoutMs } from '../metrics.ts';
import { within } from '../pause.ts';
import { sharedAnswer } from '../shared-answer.ts';
import type { Entry, OutboxStore } from './outbox.ts';

export interface RelayMetrics {
  readonly delivered: (entries: number) => void;
  /** From the write of a document's oldest unsent entry to the acknowledgement of its last one. */
  readonly published: (delayMs: number) => void;
  readonly fenced: (claims: number) => void;
  readonly failed: (reason: string) => void;
}

/** The backlog is read from the database, once a second at most: what is due is due whichever process wrote it. */
export function relayMetrics<E extends Entry>(registry: Registry, store: OutboxStore<E>): RelayMetrics {
  const backlog = sharedAnswer(() => store.backlog());
  const delivered = counter(registry, 'outbox_delivered_total', 'Entries that the receiver has acknowledged');
  const delay = histogram(
    registry,
    'outbox_publish_delay_seconds',
    'From the write of an entry to its acknowledgement',
  );
  const fenced = counter(registry, 'outbox_fenced_total', 'Completions refused because another relay had taken over');
  const failures = counter(registry, 'outbox_failures_total', 'Rounds that failed and are repeated', ['reason']);
  const readBacklog = async () => {
    const found = await within(scrapeTimeoutMs, backlog()).catch(() => undefined);
    // An unreadable backlog is unknown, not empty.
    if (found === undefined) return { documents: Number.NaN, ageSeconds: Number.NaN };
    const { documents, oldest } = found;
    return { documents, ageSeconds: oldest ? Math.max(0, (Date.now() - oldest.getTime()) / 1_000) : 0 };
  };
  // Each reads by itself, or it would show what the other found at the scrape before.
  gauge(
    registry,
    'outbox_pending_documents',
    'Documents with unsent entries; 10,000 where there are more',
    [],
    async (pending) => pending.set((await readBacklog()).documents),
  );
  gauge(registry, 'outbox_oldest_age_seconds', 'Age of the oldest unsent entry; 0 when all are sent', [], async (age) =>
    age.set((await readBacklog()).ageSeconds),
  );
  return {
    delivered: (entries) => delivered.inc(entries),
    published: (delayMs) => delay.observe(delayMs / 1_000),
    fenced: (claims) => fenced.inc(claims),
    failed: (reason) => failures.inc({ reason }),
  };
}
