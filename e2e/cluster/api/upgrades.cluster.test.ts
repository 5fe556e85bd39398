import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubectl, openCluster } from '../cluster.ts';
import { type HelmMajor, helm, helms } from '../helm.ts';
import { countsDuring } from '../replica-watch.ts';

jest.setTimeout(300_000);

describe.each(Object.keys(helms) as HelmMajor[])('with %s, the count that the controller has set', (major) => {
  const namespace = `upgrade-${randomBytes(3).toString('hex')}`;
  const values = ['--set', 'provider.url=https://pay.example.com', '--values', 'charts/shop/values-dev.yaml'];
  const release = (...args: string[]) => helm([...args, '--namespace', namespace], major);
  const upgrade = (...args: string[]) => release('upgrade', 'shop', 'charts/shop', ...values, ...args);
  const count = async () =>
    Number(
      await kubectl(['--namespace', namespace, 'get', 'deployment', 'payments', '--output=jsonpath={.spec.replicas}']),
    );
  const deployed = async () => JSON.parse(await release('status', 'shop', '--output', 'json')).info.status as string;

  beforeAll(async () => {
    // For the definition of LagScaler, which the chart of the controller brings otherwise.
    await (await openCluster('upgrade')).remove();
    await kubectl(['create', 'namespace', namespace]);
    await release('install', 'shop', 'charts/shop', ...values, '--set', 'image.tag=one');
    expect(await count()).toBe(1);
    // As the controller does it: the scale subresource, under its name.
    const scale = [
      'patch',
      'deployment',
      'payments',
      '--subresource=scale',
      '--field-manager=lag-controller',
      '--type=merge',
    ];
    await kubectl(['--namespace', namespace, ...scale, '--patch', '{"spec":{"replicas":3}}']);
  });
  afterAll(async () => {
    await release('uninstall', 'shop');
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('stays through an upgrade to other images and a roll-back, at every moment', async () => {
    const counts = await countsDuring(namespace, 'payments', async () => {
      await upgrade('--set', 'image.tag=two');
      expect(await deployed()).toBe('deployed');
      await release('rollback', 'shop', '1');
      expect(await deployed()).toBe('deployed');
    });
    expect(counts).toEqual([3]);
  });

  it('stays when the autoscaling is switched off, and on again, at every moment', async () => {
    const counts = await countsDuring(namespace, 'payments', async () => {
      await upgrade('--set', 'payments.autoscaling.enabled=false');
      expect(await deployed()).toBe('deployed');
      await upgrade('--set', 'payments.autoscaling.enabled=true');
      expect(await deployed()).toBe('deployed');
    });
    expect(counts).toEqual([3]);
  });
});
