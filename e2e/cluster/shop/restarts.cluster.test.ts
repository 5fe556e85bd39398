import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../scripts/testing/until.ts';
import {
  chargeFaults,
  getJson,
  inShop,
  installShop,
  ledger,
  payments,
  restPayments,
  startLoad,
} from './installed-shop.ts';

jest.setTimeout(900_000);

describe('the shop under load', () => {
  beforeAll(installShop);

  it('refuses nothing and loses nothing while orders and payments are restarted one pod after another', async () => {
    const before = (await ledger()).length;
    const load = await startLoad(800, 20);
    await until('the load has begun', async () => (await ledger()).length > before + 20, 60_000);
    await inShop(['rollout', 'restart', 'deployment/orders', 'deployment/payments']);
    await inShop(['rollout', 'status', 'deployment/orders', '--timeout=180s']);
    await inShop(['rollout', 'status', 'deployment/payments', '--timeout=180s']);
    const { accepted, refused, words } = await load();
    expect(refused).toEqual([]);
    expect(words).toEqual({ PAGO: 800 });
    expect(await chargeFaults(accepted)).toEqual([]);
  });

  it('is scaled by another controller once the one that acts is deleted', async () => {
    const holder = async () =>
      (await getJson<{ spec: { holderIdentity?: string } }>(['lease', 'lag-controller'])).spec.holderIdentity ?? '';
    const before = await until('a controller acts', holder);
    await restPayments();
    const { items } = await getJson<{ items: { metadata: { name: string } }[] }>([
      'pods',
      '--selector=app.kubernetes.io/name=lag-controller',
    ]);
    const leader = items.map(({ metadata }) => metadata.name).find((name) => before.startsWith(name));
    // It goes on acting while it drains, and gives its place up at its end.
    await inShop(['delete', 'pod', leader ?? 'none', '--timeout=60s']);
    await until('another one acts', async () => ![before, ''].includes(await holder()), 15_000);
    const load = await startLoad(400, 40);
    await until('payments is scaled up', async () => (await payments()).wanted > 1, 90_000);
    expect((await load()).words).toEqual({ PAGO: 400 });
  });
});
