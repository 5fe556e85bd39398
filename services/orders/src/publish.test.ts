import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import type { Parcel } from '@shop/shared/outbox/relay';
import { publishTo } from './publish.ts';
import type { OrderEntry } from './views.ts';

const log = createLog('test', { logLevel: 'silent' });
const refused = new DomainError('unprocessable', { code: 'record-refused', detail: 'too large' });
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
    { timeoutMs: 1_000, log },
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
    { timeoutMs: 1_000, log },
  );
  expect(await deliver(parcels)).toEqual(['sent', 'sent', { retryAfterMs: 0 }, { retryAfterMs: 0 }]);
  expect(given).toEqual([undefined, 1_000, 600, 200]);
});
