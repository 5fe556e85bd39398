import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { countsDuring } from '../replica-watch.ts';
import {
  chargeFaults,
  getJson,
  installShop,
  type LoadResult,
  lagScaler,
  lagScalerEvents,
  restPayments,
  startLoad,
} from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { portForward } from './port-forward.ts';

jest.setTimeout(1_200_000);

describe('a burst of orders in a cluster', () => {
  let counts: number[];
  let result: LoadResult;

  beforeAll(async () => {
    await installShop();
    await restPayments();
    // Four times what one pod can do.
    const load = await startLoad(1_000, 40);
    counts = await countsDuring(namespace, 'payments', async () => {
      result = await load();
    });
  });

  it('is met by as many payments as there are partitions', () => {
    expect(Math.max(...counts)).toBe(6);
  });

  it('loses no order, and each is decided and charged once', async () => {
    expect(result.refused).toEqual([]);
    expect(result.words).toEqual({ PAGO: 1_000 });
    expect(await chargeFaults(result.accepted)).toEqual([]);
  });

  it('can be read from the status, the Events and the metrics of the controller', async () => {
    expect((await lagScaler()).status).toMatchObject({
      partitions: 6,
      lastScaleTime: expect.stringMatching(/^\d{4}-/),
    });
    expect(await lagScalerEvents()).toContain('ScaledUp');
    const { spec } = await getJson<{ spec: { holderIdentity: string } }>(['lease', 'lag-controller']);
    const leader = await portForward(`pod/${podOf(spec.holderIdentity)}`, 3005);
    const page = await fetch(`${leader.url}/metrics`)
      .then((answer) => answer.text())
      .finally(leader.close);
    expect(page).toMatch(/^lag_controller_decisions_total\{.*action="up".*\} [1-9]/m);
    expect(page).toMatch(/^kafka_consumergroup_lag\{.*topic="orders.created",partition="0".*\} \d/m);
    expect(page).toMatch(/^lag_controller_capacity_per_replica\{.*\} \d/m);
  });
});

/** An identity is the name of the pod and a UUID. */
function podOf(identity: string): string {
  return identity.slice(0, -'-00000000-0000-0000-0000-000000000000'.length);
}
