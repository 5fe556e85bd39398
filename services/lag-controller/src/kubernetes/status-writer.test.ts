import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { CustomObjectsApi, EventsV1Api } from '@kubernetes/client-node';
import { createLog } from '@shop/shared/log';
import type { Observation } from '../law/observation.ts';
import { roundOf } from '../round.fixture.ts';
import { lagScalerOf } from './lag-scaler.fixture.ts';
import { type LagScaler, type LagScalerStatus, lagScalerSchema } from './lag-scaler.ts';
import { statusWriter } from './status-writer.ts';

const atMs = Date.parse('2026-01-01T12:00:00Z');
const seen = (high: number): Omit<Observation, 'atMs'> => ({
  partitions: [0, 1].map((partition) => ({ partition, low: 0, high, committed: high })),
  group: { state: 'Stable', members: 1 },
  target: { desired: 1, current: 1, ready: 1, rollingOut: false },
});

/** A writer at an API server that keeps the status, so that what is listed has it. */
function bench() {
  const writes: LagScalerStatus[] = [];
  let nowMs = atMs;
  let stored: LagScalerStatus | undefined;
  const custom = {
    async patchNamespacedCustomObjectStatus({ body }: { body: { status: LagScalerStatus } }) {
      writes.push(body.status);
      // A merge patch: a null removes the member.
      stored = JSON.parse(JSON.stringify({ ...stored, ...body.status }, (_, value) => value ?? undefined));
    },
  } as unknown as CustomObjectsApi;
  const events = { createNamespacedEvent: async () => ({}) } as unknown as EventsV1Api;
  const writer = statusWriter({
    api: { custom, events },
    identity: 'one',
    mayWrite: () => true,
    log: createLog('test', { logLevel: 'silent' }),
    nowMs: () => nowMs,
  });
  const listed = (): LagScaler => lagScalerSchema.parse({ ...lagScalerOf(), ...(stored && { status: stored }) });
  return {
    writes,
    overwrite: (status: Partial<LagScalerStatus>) => {
      stored = { ...(stored as LagScalerStatus), ...status };
    },
    async round(afterMs: number, sample = seen(100)) {
      nowMs += afterMs;
      writer.tell(listed(), roundOf('shop/payments', nowMs, [], sample), undefined);
      await writer.close();
      await setImmediate();
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
});

const lagging = (lag: number) => ({
  partitions: [0, 1].map((partition) => ({
    partition,
    low: 0,
    high: 100,
    committed: partition === 0 ? 100 - lag : 100,
  })),
});
