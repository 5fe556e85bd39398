import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import type { OutgoingRecord } from '@shop/shared/kafka/records';
import { createLog } from '@shop/shared/log';
import { memoryOutbox } from '@shop/shared/outbox/memory-outbox';
import { type Parcel, Relay } from '@shop/shared/outbox/relay';
import type { OrderEntry } from './order-event.ts';
import { publishTo } from './publish.ts';

const log = createLog('test', { logLevel: 'silent' });
const refused = new DomainError('unprocessable', { code: 'record-refused', detail: 'too large' });
const placeOf = ({ topic, key }: OutgoingRecord) => `${topic}/${String(key).charCodeAt(0) % 2}`;
const parcels = ['a', 'bad', 'c', 'd'].map(
  (id): Parcel<OrderEntry> => ({
    id,
    entry: { seq: 1, topic: 'orders.created', payload: '{}', headers: {} } as OrderEntry,
  }),
);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('sends the entries of a refused batch one by one, and leaves only the bad one', async () => {
  const deliver = publishTo(
    async (records) => {
      if (records.some(({ key }) => key === 'bad')) throw refused;
    },
    { placeOf, timeoutMs: 1_000, log },
  );
  expect(await deliver(parcels)).toEqual(['sent', { retryAfterMs: 60_000 }, 'sent', 'sent']);
});

it('does not take longer for that than leases are trusted to last', async () => {
  const given: (number | undefined)[] = [];
  const deliver = publishTo(
    async (records, { timeoutMs } = {}) => {
      given.push(timeoutMs);
      if (records.length > 1) throw refused;
      jest.advanceTimersByTime(400);
      if ((timeoutMs ?? 0) < 400) throw new DomainError('unavailable', { code: 'late', detail: 'no answer' });
    },
    { placeOf, timeoutMs: 1_000, log },
  );
  expect(await deliver(parcels)).toEqual(['sent', 'sent', { retryAfterMs: 0 }, { retryAfterMs: 0 }]);
  expect(given).toEqual([1_000, 1_000, 600, 200]);
});

describe('while one topic or partition takes nothing', () => {
  /** Where nothing can be sent, and whether a broker says so. */
  let sick: string[];
  let isSilent: boolean;
  /** Of each request, the keys. */
  let requests: string[];
  let received: string[];

  const send = async (records: readonly OutgoingRecord[], _: { readonly timeoutMs?: number } = {}) => {
    requests.push(records.map(({ key }) => key).join(' '));
    if (isSilent || records.some((record) => sick.includes(placeOf(record)))) {
      const cause = Object.assign(new Error('too few replicas'), isSilent ? {} : { type: 'NOT_ENOUGH_REPLICAS' });
      throw new DomainError('unavailable', { code: 'kafka-unavailable', detail: 'Kafka is away.', cause });
    }
    received.push(...records.map(({ topic, key }) => `${topic} ${key}`));
  };
  const entry = (topic: string, seq = 1) => ({ seq, topic, payload: '{}', headers: {} }) as OrderEntry;
  const parcelsOf = (ids: string, topic = 'orders.created') => [...ids].map((id) => ({ id, entry: entry(topic) }));
  const later = { retryAfterMs: expect.any(Number) };

  beforeEach(() => {
    [sick, isSilent, requests, received] = [[], false, [], []];
  });

  it('sends all in one request as long as none does', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    const both = [...parcelsOf('abcd'), ...parcelsOf('ef', 'orders.failed')];
    expect([await deliver(both), requests]).toEqual([Array(6).fill('sent'), ['a b c d e f']]);
  });

  it('sends the others, all of them together once it is known, and tries that one by one record after a pause', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    sick = ['orders.created/1'];
    const both = [...parcelsOf('abcd'), ...parcelsOf('ef', 'orders.failed')];
    await expect(deliver(both)).rejects.toThrow('Kafka is away.');
    expect(await deliver(both)).toEqual([later, 'sent', later, 'sent', 'sent', 'sent']);
    requests = [];
    expect(await deliver(both)).toEqual([later, 'sent', later, 'sent', 'sent', 'sent']);
    expect(requests).toEqual(['b d e f']);
    jest.advanceTimersByTime(2_000);
    await deliver(both);
    sick = [];
    jest.advanceTimersByTime(4_000);
    expect(await deliver(both)).toEqual(['sent', 'sent', { retryAfterMs: 0 }, 'sent', 'sent', 'sent']);
    await deliver(both);
    expect(requests.slice(1)).toEqual(['b d e f', 'a', 'b d e f', 'a', 'a b c d e f']);
  });

  it('takes nothing for sick that fails while Kafka says nothing at all', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    isSilent = true;
    for (let time = 0; time < 4; time += 1) await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    isSilent = false;
    expect(await deliver(parcelsOf('abcd'))).toEqual(Array(4).fill('sent'));
  });

  it('takes the silence of one that is known to be sick for its own, also where nothing else is to be sent', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    sick = ['orders.created/1'];
    await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    expect(await deliver(parcelsOf('abcd'))).toEqual([later, 'sent', later, 'sent']);
    jest.advanceTimersByTime(4_000);
    isSilent = true;
    expect(await deliver(parcelsOf('a'))).toEqual([later]);
  });

  it('leaves a sick one no longer for an outage of all that comes on top', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    sick = ['orders.created/1'];
    await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    await deliver(parcelsOf('abcd'));
    isSilent = true;
    for (let time = 0; time < 5; time += 1) {
      jest.advanceTimersByTime(15_000);
      await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    }
    [isSilent, sick] = [false, []];
    expect(await deliver(parcelsOf('a'))).toEqual(['sent']);
  });

  it('gives each place all the time there is when they go out apart, where Kafka was only slow', async () => {
    const given: (number | undefined)[] = [];
    let underWay = 0;
    const slow: typeof send = async (records, { timeoutMs } = {}) => {
      given.push(timeoutMs);
      underWay += 1;
      isSilent = given.length === 1;
      await send(records);
      await Promise.resolve();
      expect(underWay).toBe(3);
    };
    const deliver = publishTo(slow, { placeOf, timeoutMs: 1_000, log });
    await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    expect([await deliver(parcelsOf('abcd')), given]).toEqual([Array(4).fill('sent'), [1_000, 1_000, 1_000]]);
  });

  it('keeps them apart after an outage, where a silent one would take the others with it again', async () => {
    const deliver = publishTo(send, { placeOf, timeoutMs: 1_000, log });
    isSilent = true;
    for (let time = 0; time < 2; time += 1) await expect(deliver(parcelsOf('abcd'))).rejects.toThrow('Kafka is away.');
    isSilent = false;
    sick = ['orders.created/1'];
    requests = [];
    expect([await deliver(parcelsOf('abcd')), requests]).toEqual([
      [later, 'sent', later, 'sent'],
      ['a c', 'b d'],
    ]);
  });

  it('keeps no newer order waiting behind more of its own than are sent at once, and no order overtakes itself', async () => {
    const outbox = memoryOutbox<OrderEntry>();
    const clock = () => new Date();
    const relay = new Relay({
      ...{ store: outbox, deliver: publishTo(send, { placeOf, timeoutMs: 1_000, log }), owner: 'a', batchSize: 4, log },
      ...{ leaseMs: 10_000, deliverTimeoutMs: 1_000, sweepMs: 1_000, clock },
      metrics: { delivered: () => {}, published: () => {}, fenced: () => {}, failed: () => {} },
    });
    const round = async () => {
      jest.advanceTimersByTime(500);
      await relay.sweep();
      await relay.round().catch(() => undefined);
      await relay.settleSent();
    };
    sick = ['orders.created/1'];
    for (const id of 'acegikmoqs') outbox.add(id, entry('orders.created'), clock());
    outbox.add('a', entry('orders.failed', 2), clock());
    jest.advanceTimersByTime(1);
    outbox.add('b', entry('orders.created'), clock());
    for (let time = 0; time < 8 && received.length === 0; time += 1) await round();
    expect(received).toEqual(['orders.created b']);
    sick = [];
    for (let time = 0; time < 60 && (await outbox.backlog()).documents > 0; time += 1) await round();
    expect(received).toHaveLength(12);
    expect(received.filter((one) => one.endsWith(' a'))).toEqual(['orders.created a', 'orders.failed a']);
  });
});
