import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ApiException, type CustomObjectsApi, type EventsV1Api, type EventsV1Event } from '@kubernetes/client-node';
import { createLog } from '@shop/shared/log';
import type { Observation } from '../law/observation.ts';
import { roundOf } from '../round.fixture.ts';
import type { Round } from '../scaler.ts';
import { lagScalerOf } from './lag-scaler.fixture.ts';
import { type LagScaler, type LagScalerStatus, lagScalerSchema } from './lag-scaler.ts';
import { statusWriter } from './status-writer.ts';

const atMs = Date.parse('2026-01-01T12:00:00Z');
const seen = (high: number): Omit<Observation, 'atMs'> => ({
  partitions: [0, 1].map((partition) => ({ partition, low: 0, high, committed: high })),
  group: { state: 'Stable', members: 1 },
  target: { desired: 1, current: 1, ready: 1, rollingOut: false },
});

type Patch = readonly [
  { op: 'test'; path: '/metadata/uid'; value: string },
  { op: 'add'; path: '/status'; value: LagScalerStatus },
];
type Posted = Pick<EventsV1Event, 'type' | 'reason'>;

/** A writer at an API server that keeps the status, so that what is listed has it. `leads` is asked before each write. */
function bench(leads = () => true) {
  const writes: LagScalerStatus[] = [];
  const posted: Posted[] = [];
  let uid = lagScalerOf().metadata.uid;
  let nowMs = atMs;
  let stored: LagScalerStatus | undefined;
  const custom = {
    async patchNamespacedCustomObjectStatus({ body }: { body: Patch }) {
      const [test, { value }] = body;
      if (test.value !== uid)
        throw new ApiException(422, 'Invalid', { message: 'the server rejected our request' }, {});
      writes.push(value);
      stored = value;
    },
  } as unknown as CustomObjectsApi;
  const events = {
    createNamespacedEvent: async ({ body }: { body: Posted }) => posted.push(body),
  } as unknown as EventsV1Api;
  const writer = statusWriter({
    api: { custom, events },
    identity: 'one',
    mayWrite: leads,
    log: createLog('test', { logLevel: 'silent' }),
    nowMs: () => nowMs,
  });
  const listed = (): LagScaler => {
    const { metadata, spec } = lagScalerOf();
    return lagScalerSchema.parse({ metadata: { ...metadata, uid }, spec, ...(stored && { status: stored }) });
  };
  const tell = async (scaler: LagScaler, round: Round) => {
    writer.tell(scaler, round, undefined);
    await writer.close();
    await setImmediate();
  };
  return {
    writes,
    posted,
    writer,
    /** `kubectl replace --force` after the list, before the write. */
    async roundWhileReplaced() {
      const before = listed();
      uid = 'another';
      stored = undefined;
      await tell(before, roundOf('shop/payments', nowMs, [], seen(100)));
    },
    overwrite: (status: Partial<LagScalerStatus>) => {
      stored = { ...(stored as LagScalerStatus), ...status };
    },
    async round(afterMs: number, sample: Omit<Observation, 'atMs'> = seen(100), written?: number) {
      nowMs += afterMs;
      await tell(listed(), {
        ...roundOf('shop/payments', nowMs, [], sample),
        ...(written !== undefined && { written }),
      });
    },
  };
}

describe('the status of a LagScaler', () => {
  it('is not written again while it is as the API server has it, however long that lasts', async () => {
    const { writes, round } = bench();
    for (let index = 0; index < 20; index += 1) await round(5_000);
    expect(writes).toHaveLength(1);
  });

  it('is written every half minute while its figures drift', async () => {
    const { writes, round } = bench();
    for (let index = 0; index < 12; index += 1) await round(5_000, { ...seen(100), ...lagging(index) });
    expect(writes.map(({ lag }) => lag)).toEqual([0, 6]);
  });

  it('is written again within half a minute where somebody else has changed it', async () => {
    const { writes, round, overwrite } = bench();
    await round(0);
    overwrite({ lag: 7 });
    for (let index = 0; index < 6; index += 1) await round(5_000);
    expect(writes.map(({ lag }) => lag)).toEqual([0, 0]);
  });

  it('is not written to another LagScaler that took the name in between, which gets its own with the next round', async () => {
    const { writes, posted, round, roundWhileReplaced } = bench();
    await roundWhileReplaced();
    expect([writes, posted]).toEqual([[], []]);
    await round(5_000);
    expect(writes).toHaveLength(1);
  });

  it('is written anew where a LagScaler of the name was away in between', async () => {
    const { writes, round, writer } = bench();
    await round(0);
    writer.keepOnly(() => true);
    await round(5_000);
    expect(writes).toHaveLength(1);
    writer.keepOnly((name) => name !== 'shop/payments');
    await round(5_000);
    expect(writes).toHaveLength(2);
  });
});

describe('the Events of a LagScaler', () => {
  it('are not posted by a leader that slept since it wrote the status, and leads no more', async () => {
    const { writes, posted, round } = bench(() => writes.length === 0);
    await round(0, seen(100), 2);
    expect([writes.length, posted]).toEqual([1, []]);
  });

  it('are few where a partition comes and goes, and none that tells of scaling is left out', async () => {
    const { posted, round } = bench();
    for (let index = 0; index < 720; index += 1)
      await round(5_000, index % 2 === 1 ? flapping : seen(100), index % 72 === 0 ? 2 : undefined);
    const scaled = posted.filter(({ reason }) => reason === 'ScaledUp' || reason === 'ScaledDown');
    expect(scaled).toHaveLength(10);
    // A burst of 25, and one in five minutes of the hour.
    expect(posted.length - scaled.length).toBe(25 + 11);
  });
});

const flapping = { ...seen(100), partitions: [{ partition: 0 }, { partition: 1, low: 0, high: 100, committed: 100 }] };

const lagging = (lag: number) => ({
  partitions: [0, 1].map((partition) => ({
    partition,
    low: 0,
    high: 100,
    committed: partition === 0 ? 100 - lag : 100,
  })),
});
