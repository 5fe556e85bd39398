import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../scripts/testing/until.ts';
import { helm } from '../helm.ts';
import { inShop, installShop } from './installed-shop.ts';
import { bringKafkaProbes, type KafkaProbes } from './kafka-probes.ts';
import { namespace } from './namespace.ts';

jest.setTimeout(600_000);

const dlq = (...args: string[]) =>
  inShop(['exec', 'deployment/dead-letters', '--', '/nodejs/bin/node', '/app/dlq.mjs', ...args]);

describe('the pod for dead letters', () => {
  let kafka: KafkaProbes;

  beforeAll(async () => {
    await installShop();
    kafka = await bringKafkaProbes();
    const on = ['--reset-then-reuse-values', '--set', 'deadLetters.enabled=true', '--wait'];
    await helm(['upgrade', 'shop', 'charts/shop', '--namespace', namespace, ...on]);
  });
  afterAll(() => kafka.remove());

  it('lists what payments gave up on, and hands it to payments once more', async () => {
    expect(await kafka.as('orders', { ACTION: 'write', TOPIC: 'orders.created' })).toBe('done');
    const listed = await until('the message is a dead letter', async () => {
      const text = await dlq('list');
      return text.includes('1 not replayed') && text;
    });
    expect(listed).toMatch(/orders\.created \d:\d+ +probe +schema-violation/);

    expect(await dlq('replay', '--all', '--execute')).toMatch(/sent to orders\.created for payments-service-group/);
    // It is what it was, so payments gives up on it again.
    await until('it is one again', async () => (await dlq('list')).includes('2 dead letters, 1 not replayed'));
  });

  it('may not read the orders themselves', async () => {
    await expect(dlq('list', '--topic', 'orders.created')).rejects.toThrow(/not authorized/i);
  });
});
