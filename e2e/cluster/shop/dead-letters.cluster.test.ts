import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../scripts/testing/until.ts';
import { helm } from '../helm.ts';
import { ensureShop, inShop } from './installed-shop.ts';
import { bringKafkaProbes, type KafkaProbes } from './kafka-probes.ts';
import { namespace } from './namespace.ts';

jest.setTimeout(600_000);

const dlq = (...args: string[]) =>
  inShop(['exec', 'deployment/dead-letters', '--', '/nodejs/bin/node', '/app/dlq.mjs', ...args]);

/** The letters of the probe's messages: their ids, and whether they were replayed. */
async function letters(): Promise<ReadonlyMap<string, boolean>> {
  const rows = (await dlq('list')).matchAll(
    /^(\d+:\d+) .* orders\.created \d+:\d+ +probe +schema-violation .* (\S+)$/gm,
  );
  return new Map([...rows].map(([, id = '', replayed]) => [id, replayed !== 'no']));
}

describe('the pod for dead letters', () => {
  let kafka: KafkaProbes;

  beforeAll(async () => {
    await ensureShop();
    kafka = await bringKafkaProbes();
    const on = ['--reset-then-reuse-values', '--set', 'deadLetters.enabled=true,deadLetters.kafkaSecret=dead-letters'];
    await helm(['upgrade', 'shop', 'charts/shop', '--namespace', namespace, ...on]);
    await inShop(['rollout', 'status', 'deployment/dead-letters', '--timeout=180s']);
  });
  afterAll(() => kafka.remove());

  it('lists what payments gave up on, and hands it to payments once more', async () => {
    const before = await letters();
    const isNew = (id: string) => !before.has(id);
    expect(await kafka.as('orders', { ACTION: 'write', TOPIC: 'orders.created' })).toBe('done');
    const letter = await until('it is a dead letter', async () => [...(await letters()).keys()].find(isNew));

    expect(await dlq('replay', letter, '--execute')).toMatch(/sent to orders\.created for payments-service-group/);
    // It is what it was, so payments gives up on it again.
    const after = await until('it is one again', async () => {
      const now = [...(await letters())].filter(([id]) => isNew(id));
      return now.length === 2 && new Map(now);
    });
    expect([after.get(letter), [...after.values()].filter(Boolean).length]).toEqual([true, 1]);
  });

  it('may not read the orders themselves', async () => {
    await expect(dlq('list', '--topic', 'orders.created')).rejects.toThrow(/not authorized/i);
  });
});
