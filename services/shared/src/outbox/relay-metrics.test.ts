import { describe, expect, it } from '@jest/globals';
import { createRegistry } from '../metrics.ts';
import { memoryOutbox } from './memory-outbox.ts';
import { relayMetrics } from './relay-metrics.ts';

describe('the backlog of an outbox, as it is scraped', () => {
  it('is read from the database once however many scrape, and is the same for all of them', async () => {
    const registry = createRegistry('test');
    const outbox = memoryOutbox();
    outbox.add('order', { seq: 1 }, new Date(), undefined);
    let reads = 0;
    const backlog = () => {
      reads += 1;
      return outbox.backlog();
    };
    relayMetrics(registry, { ...outbox, backlog });
    const startedAt = performance.now();
    const pages = await Promise.all(Array.from({ length: 50 }, () => registry.metrics()));
    for (const page of pages) expect(page).toMatch(/^outbox_pending_documents\{[^}]*\} 1$/m);
    // Once a second, and the first time.
    expect(reads).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1_000);
  });

  it.each([
    ['it cannot be read', () => Promise.reject(new Error('down'))],
    ['the database does not answer, and the rest of the page is not kept for it', () => new Promise<never>(() => {})],
  ])('is unknown, not empty, where %s', async (_, backlog) => {
    const registry = createRegistry('test');
    relayMetrics(registry, { ...memoryOutbox(), backlog });
    const page = await registry.metrics();
    expect(page).toMatch(/^outbox_pending_documents\{[^}]*\} Nan$/m);
    expect(page).toMatch(/^outbox_oldest_age_seconds\{[^}]*\} Nan$/m);
  });
});
