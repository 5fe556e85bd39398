import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mustRun } from '../../../scripts/embedded/run.ts';
import { until } from '../../../scripts/testing/until.ts';
import { kubectl } from '../cluster.ts';
import { helm } from '../helm.ts';
import { getJson, inShop, installShop, lagScaler, payments } from './installed-shop.ts';
import { namespace } from './namespace.ts';

jest.setTimeout(900_000);

interface Topic {
  readonly spec: { readonly partitions: number };
  readonly status?: { readonly conditions?: { readonly type: string; readonly status: string }[] };
}

describe('the shop in a cluster, changed and removed', () => {
  beforeAll(installShop);

  it("raises the controller's ceiling with the partitions of the topic", async () => {
    const { partitions } = (await getJson<Topic>(['kafkatopic', 'orders.created'])).spec;
    const bounds = { minReplicas: partitions + 2, maxReplicas: partitions + 4 };
    await inShop(['patch', 'lagscaler', 'payments', '--type=merge', '--patch', JSON.stringify({ spec: bounds })]);
    await until('there are as many as partitions', async () => (await payments()).wanted === partitions, 60_000);
    await until('its status tells why', async () => (await lagScaler()).status?.partitions === partitions);
    const more = JSON.stringify({ spec: { partitions: 2 * partitions } });
    await inShop(['patch', 'kafkatopic', 'orders.created', '--type=merge', '--patch', more]);
    await until('there are as many as wanted', async () => (await payments()).wanted === partitions + 2, 120_000);
    await until('its status tells why', async () => (await lagScaler()).status?.partitions === 2 * partitions);
  });

  it('keeps Kafka and its topics when the releases are uninstalled, and leaves nothing else', async () => {
    for (const release of ['shop', 'lag-controller'])
      await helm(['uninstall', release, '--namespace', namespace, '--wait']);
    const { status } = await getJson<Topic>(['kafkatopic', 'orders.created']);
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    const left = ['all,lagscalers,roles,rolebindings,serviceaccounts,configmaps,networkpolicies,poddisruptionbudgets'];
    const ours = ['--selector=app.kubernetes.io/managed-by=Helm', '--output=name'];
    await until('nothing is left', async () => (await inShop(['get', ...left, ...ours])).trim() === '', 60_000);
  });

  it('leaves nothing at all after `npm run down`', async () => {
    await mustRun('npm', ['run', '--silent', 'down', '--', '--execute', '--keep-operators', '--namespace', namespace]);
    await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow(/not found/);
    const kinds = ['kafkas', 'kafkatopics', 'kafkausers', 'kafkanodepools'].map((kind) => `${kind}.kafka.strimzi.io`);
    const names = await kubectl([
      'get',
      kinds.join(),
      '--all-namespaces',
      '--output=jsonpath={.items[*].metadata.namespace}',
    ]);
    expect(names.split(' ')).not.toContain(namespace);
  });
});
