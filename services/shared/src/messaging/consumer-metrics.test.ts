import { describe, expect, it } from '@jest/globals';
import { createRegistry } from '../metrics.ts';
import { consumerMetrics } from './consumer-metrics.ts';

describe('the metrics of a consumer', () => {
  it('have a zero before the first dead letter, duplicate, pause, failed commit and rebalance, or no rate would see them', async () => {
    const registry = createRegistry('payments-service');
    consumerMetrics(registry).watch({ group: 'g', topic: 't' }, () => []);
    const page = await registry.metrics();
    for (const outcome of ['applied', 'duplicate', 'dead-lettered', 'not-for-us'])
      expect(page).toMatch(
        new RegExp(`^consumer_messages_total\\{group="g",topic="t",outcome="${outcome}",[^}]*\\} 0$`, 'm'),
      );
    for (const reason of ['outage', 'backlog'])
      expect(page).toMatch(
        new RegExp(`^consumer_pauses_total\\{group="g",topic="t",reason="${reason}",[^}]*\\} 0$`, 'm'),
      );
    expect(page).toMatch(/^consumer_commit_failures_total\{group="g",topic="t",[^}]*\} 0$/m);
    expect(page).toMatch(/^consumer_rebalance_seconds_count\{[^}]*group="g",topic="t"[^}]*\} 0$/m);
  });
});
