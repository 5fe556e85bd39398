import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../scripts/testing/until.ts';
import { helm } from '../helm.ts';
import { countsDuring } from '../replica-watch.ts';
import { inShop, installShop, payments, startLoad } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { otherImages } from './other-images.ts';

jest.setTimeout(900_000);

const inNamespace = (...args: string[]) => helm([...args, '--namespace', namespace]);
const release = (...args: string[]) => inNamespace(...args, '--wait', '--timeout', '4m');
const upgrade = ['upgrade', 'shop', 'charts/shop', '--reuse-values'];

/** Those of the images that the Deployments of the shop name. */
async function tags(): Promise<string[]> {
  const ofShop = '--selector=app.kubernetes.io/managed-by=Helm,app.kubernetes.io/instance=shop';
  const path = '--output=jsonpath={.items[*].spec.template.spec.containers[*].image}';
  const images = await inShop(['get', 'deployments', ofShop, path]);
  return [...new Set(images.split(' ').map((image) => image.split(':').at(-1) ?? ''))];
}

describe('an upgrade of the shop', () => {
  let [before, other] = ['', ''];

  beforeAll(async () => {
    await installShop();
    other = await otherImages();
    before = JSON.parse(await inNamespace('status', 'shop', '--output', 'json')).version;
    const three = ['minReplicas=3', 'maxReplicas=3'].flatMap((limit) => ['--set', `payments.autoscaling.${limit}`]);
    // Helm 4's own wait fails where the controller scales in the instant in which it ends.
    await inNamespace(...upgrade, ...three);
    await until('the controller has made three payments', async () => (await payments()).ready === 3, 120_000);
  });

  /** Of charges nothing is asked: the ledger of the simulated provider goes with its pod, which is replaced as well. */
  it('to other images, and back, refuses and loses nothing, and leaves the payments that the controller made', async () => {
    const counts = await countsDuring(namespace, 'payments', async () => {
      const load = await startLoad(1_500, 12);
      await release(...upgrade, '--set', `image.tag=${other}`);
      expect(await tags()).toEqual([other]);
      await release('rollback', 'shop');
      expect(await tags()).not.toContain(other);
      const rolledBackAtMs = Date.now();
      const { refused, words, placedUntilMs } = await load();
      expect(placedUntilMs).toBeGreaterThan(rolledBackAtMs);
      expect(refused).toEqual([]);
      expect(words).toEqual({ PAGO: 1_500 });
    });
    expect(counts).toEqual([3]);
    await release('rollback', 'shop', String(before));
  });
});
