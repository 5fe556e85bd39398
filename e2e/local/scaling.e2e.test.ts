import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../scripts/testing/call.ts';
import { closeAll } from '../../scripts/testing/close-all.ts';
import { inTime } from '../../scripts/testing/in-time.ts';
import { until } from '../../scripts/testing/until.ts';
import type { Timeline } from '../../services/lag-controller/src/reporting/timeline.ts';
import { killRuns, NpmRun } from './npm-run.ts';
import { ownPorts } from './own-ports.ts';

jest.setTimeout(180_000);

describe('a burst of orders', () => {
  let dataDir: string;
  let environment: Record<string, string>;
  let shop: NpmRun;

  const history = async () => {
    const { body } = await call(`http://127.0.0.1:${environment.LAG_CONTROLLER_PORT}/v1/scalers/payments/history`);
    return body as unknown as Timeline;
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'shop-scaling-'));
    // One process does four orders per second, so that a machine that is busy sees a burst in few orders.
    environment = {
      SHOP_DATA_DIR: dataDir,
      CONSUMER_CONCURRENCY: '1',
      PROVIDER_LATENCY_MS: '250',
      ...(await ownPorts()),
    };
    shop = new NpmRun(['start'], environment);
    await shop.match(/Ctrl-C stops everything/);
  });

  afterAll(() => {
    shop.signal('SIGTERM');
    return closeAll(
      () => inTime(60_000, shop.exited),
      killRuns,
      () => rm(dataDir, { recursive: true }),
    );
  }, 90_000);

  it('is met by more payments processes, never more than partitions, and every order is decided', async () => {
    await until('one is ready, as the controller sees it', async () => (await history()).points.at(-1)?.ready === 1);
    const load = new NpmRun(['run', 'load', '--', '--orders', '300', '--rate', '20'], environment);
    await until(
      'four payments processes are ready',
      async () => (await history()).points.some(({ ready = 0 }) => ready >= 4),
      90_000,
    );
    expect(await load.exited).toBe(0);
    expect(load.output).toContain('lost 0');
    const { points } = await history();
    expect(Math.max(...points.map(({ desired = 0 }) => desired))).toBeLessThanOrEqual(6);
    expect(points.find(({ written }) => written !== undefined)).toMatchObject({ action: 'up' });
  });
});
