import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../scripts/testing/until.ts';
import { ensureShop, inShop, lagScaler, lagScalerEvents, payments } from './installed-shop.ts';

jest.setTimeout(900_000);

/** Minutes after the burst of burst.cluster.test.ts, in which other tests run (jest.order.mjs). */
describe('payments that has nothing left to do', () => {
  beforeAll(async () => {
    await ensureShop();
    const isDown = (await lagScalerEvents()).includes('ScaledDown');
    // Without the burst before it, a person's word for it.
    if (!isDown && (await payments()).wanted === 1) await inShop(['scale', 'deployment/payments', '--replicas=6']);
  });

  it('is taken back to one by the controller, which says so', async () => {
    await until('payments is scaled back', async () => (await payments()).wanted === 1, 700_000);
    await until('its status tells', async () => (await lagScaler()).status?.desiredReplicas === 1);
    expect(await lagScalerEvents()).toContain('ScaledDown');
  });
});
