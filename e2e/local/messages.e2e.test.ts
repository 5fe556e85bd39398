import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TopicRecord } from '../../scripts/chaos/topic-reader.ts';
import { until } from '../../scripts/testing/until.ts';
import { deadLetters, paymentsGroup, Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 90_000);
afterAll(() => shop?.close(), 30_000);

/** The seed's example of a topic: its members in its order, the variable values as names in braces. */
async function golden(topic: string, values: Record<string, string>): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'golden', `${topic}.json`), 'utf8');
  return JSON.stringify(JSON.parse(text)).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

async function eventOf(id: string, topic: string): Promise<TopicRecord> {
  return until(`an event of ${id} on ${topic}`, async () =>
    (await shop.reader.records([topic])).find(({ key }) => key === id),
  );
}

describe('an event', () => {
  const decided: readonly [string, string, (id: string) => Promise<unknown>][] = [
    ['orders.paid', 'PAGO', () => shop.misbehave({})],
    ['orders.failed', 'FALHA', () => shop.misbehave({ declineRate: 1 })],
    ['orders.failed', 'CANCELADO', (id) => shop.cancel(id)],
  ];

  it.each(decided)(
    "on %s, and the one before it, are the contract's JSON byte for byte, for %s",
    async (topic, status, decide) => {
      await shop.misbehave({ faults: [{ kind: 'error-503' }] });
      const id = await shop.place();
      const placed = (await shop.order(id)).body;
      await decide(id);
      if (status === 'CANCELADO') await shop.misbehave({});
      const order = await until(`${status} of ${id}`, async () => {
        const { body } = await shop.order(id, 10);
        return body.status === status && body;
      });
      const values = {
        ...shop.sample,
        orderId: id,
        createdAt: String(placed.createdAt),
        updatedAt: String(order.updatedAt),
      };

      const created = await eventOf(id, 'orders.created');
      const last = await eventOf(id, topic);
      expect(created.value).toBe(await golden('orders.created', values));
      expect(last.value).toBe((await golden(topic, values)).replace(/"status":"\w+"/, `"status":"${status}"`));
      const headersOf = (name: string, sequence: number, time: string) => ({
        ce_specversion: '1.0',
        ce_id: `${id}.${sequence}`,
        ce_source: '/orders',
        ce_type: `shop.${name}.v1`,
        ce_subject: id,
        ce_time: time,
        ce_sequence: String(sequence),
        'content-type': 'application/json',
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      });
      expect(created.headers).toEqual(headersOf('orders.created', 1, values.createdAt));
      expect(last.headers).toEqual(headersOf(topic, 2, values.updatedAt));
      expect(await shop.faultsAtRest()).toEqual([]);
    },
    60_000,
  );
});

describe('a message that is no order', () => {
  it('goes to the dead-letter topic at its first delivery, byte for byte with the reason, and its neighbours are paid', async () => {
    const broken = Buffer.from([0xff, 0xfe, 0x7b, 0x00]);
    const incomplete = Buffer.from('{ "orderId": "507f1f77bcf86cd799439011",  "total": 12.345 }');
    const partitions = [0, 1, 2, 3, 4, 5];
    const sent = partitions.flatMap((partition) => [
      {
        topic: 'orders.created',
        key: `broken-${partition}`,
        value: broken,
        partition,
        headers: { 'x-sender': 'a test' },
      },
      { topic: 'orders.created', key: `incomplete-${partition}`, value: incomplete, partition },
    ]);
    const before = await shop.placeMany(6);
    await shop.reader.send(...sent);
    const after = await shop.placeMany(6);

    expect(await shop.faultsAtRest({ expectedDeadLetters: sent.length })).toEqual([]);
    expect(new Set(await shop.statuses([...before, ...after]))).toEqual(new Set(['PAGO']));
    const letters = await shop.reader.records([deadLetters]);
    const originals = await shop.reader.records(['orders.created']);
    for (const { key, value, partition, headers = {} } of sent) {
      const letter = letters.find((record) => record.key === key);
      const original = originals.find((record) => record.key === key);
      expect(letter?.bytes.equals(value)).toBe(true);
      expect(letter?.headers).toEqual({
        ...headers,
        '__dlq.errors.topic': 'orders.created',
        '__dlq.errors.partition': String(partition),
        '__dlq.errors.offset': String(original?.offset),
        '__dlq.errors.group': paymentsGroup,
        '__dlq.errors.delivery.count': '1',
        '__dlq.errors.message': expect.stringContaining(value === broken ? 'not JSON' : '#/'),
        'dlq-error-code': value === broken ? 'malformed-json' : 'schema-violation',
        'dlq-failed-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
    }
  }, 60_000);
});
