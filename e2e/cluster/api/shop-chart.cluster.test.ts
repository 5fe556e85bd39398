import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import type { V1LabelSelector, V1PodTemplateSpec } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { lagScalerSchema } from '../../../services/lag-controller/src/kubernetes/lag-scaler.ts';
import { ordersCreated, partitionCount, paymentsGroup } from '../../../services/shared/src/contracts/topics.ts';
import { charts, environmentOf, type HelmMajor, helms, type Rendering, render, valueSets } from '../helm.ts';

jest.setTimeout(300_000);

const smallest = ['ci/smallest-values.yaml'];
const majors = Object.keys(helms) as HelmMajor[];

describe('the number of payments', () => {
  it.each(majors)('is never rendered by %s where a controller may own it', async (helm) => {
    for (const file of valueSets('shop')) {
      const shop = await render('shop', { helm, files: [file] });
      const [payments] = shop.all('Deployment').filter(({ metadata }) => metadata?.name?.endsWith('payments'));
      if (file.includes('no-controller')) expect(payments?.spec?.replicas).toBe(3);
      else expect(payments?.spec).not.toHaveProperty('replicas');
    }
  });

  it('stays unsaid when autoscaling is switched off', async () => {
    const shop = await render('shop', { files: smallest, values: { 'payments.autoscaling.enabled': false } });
    expect(shop.one('Deployment', 'payments').spec).not.toHaveProperty('replicas');
    expect(shop.objects.filter(({ kind }) => kind === 'LagScaler')).toEqual([]);
  });

  it('may be said for fewer partitions than the default of what autoscaling, switched off, would make', async () => {
    const values = { 'kafka.partitions': 3, 'payments.replicas': 3, 'payments.autoscaling.enabled': false };
    const shop = await render('shop', { files: smallest, values });
    expect(shop.one('Deployment', 'payments').spec?.replicas).toBe(3);
  });

  it.each([
    [{ 'payments.autoscaling.maxReplicas': 7 }, 'payments.autoscaling.maxReplicas is 7, but orders.created has 6'],
    [
      { 'payments.replicas': 7, 'payments.autoscaling.enabled': false },
      'payments.replicas is 7, but orders.created has 6',
    ],
    [{ 'payments.replicas': 2 }, 'the lag controller says how many payments there are'],
    [{ 'payments.autoscaling.minReplicas': 7 }, 'more than payments.autoscaling.maxReplicas, which is 6'],
    [{ 'kafka.authentication': 'scram-sha-512' }, 'name the Secret of the user of orders (orders.kafkaSecret)'],
    [{ 'kafka.authentication': 'tls', 'orders.kafkaSecret': 'a' }, 'set kafka.tls.enabled'],
    [{ 'kafka.bootstrapServers': '' }, 'kafka.bootstrapServers: say where Kafka is'],
    [{ 'mongodb.uri': '' }, 'mongodb.uri: say where MongoDB is'],
    [{ 'provider.url': '' }, 'provider.url: say where the payment provider is'],
  ])('and what belongs to it is refused where it cannot be: %j', async (values, sentence) => {
    await expect(render('shop', { files: smallest, values })).rejects.toThrow(sentence);
  });

  it('is at most the partitions that the topics are made with', async () => {
    const { kafka, payments } = parse(readFileSync(join(charts, 'shop/values.yaml'), 'utf8'));
    expect([kafka.partitions, payments.autoscaling.maxReplicas]).toEqual([partitionCount, partitionCount]);
  });
});

describe('the LagScaler of payments', () => {
  it.each([[''], ['two-']])('names what the chart installs, with «%s» before the names', async (namePrefix) => {
    const shop = await render('shop', { files: smallest, values: { namePrefix } });
    const object = shop.objects.find(({ kind }) => kind === 'LagScaler') as { spec: object };
    const served = { uid: 'u', generation: 1, creationTimestamp: 'now', namespace: 'n', name: 'payments' };
    const { spec } = lagScalerSchema.parse({
      metadata: served,
      spec: {
        ...object.spec,
        scaleTargetRef: { apiVersion: 'apps/v1', ...(object.spec as { scaleTargetRef: object }).scaleTargetRef },
        consumerMetrics: { path: '/metrics', ...(object.spec as { consumerMetrics: object }).consumerMetrics },
      },
    });
    expect([spec.consumerGroup, spec.topic]).toEqual([paymentsGroup, ordersCreated]);
    shop.one('Deployment', spec.scaleTargetRef.name);
    const { spec: metrics } = shop.one('Service', spec.consumerMetrics?.service ?? '');
    expect(metrics?.clusterIP).toBe('None');
    expect(metrics?.ports?.map(({ port }) => port)).toEqual([spec.consumerMetrics?.port]);
  });
});

describe('the network of the shop', () => {
  it('has a way for each call that a service makes, open at both ends, and no other', async () => {
    const shop = await render('shop', { files: ['values-dev.yaml'] });
    expect(waysBetween(shop)).toEqual([
      'orders → clients',
      'orders → products',
      'payments → orders',
      'payments → provider',
      'shop-test → clients',
      'shop-test → orders',
      'shop-test → products',
    ]);
    for (const [caller, url] of urls(shop)) expect(waysBetween(shop)).toContain(`${caller} → ${url.hostname}`);
  });

  it('is closed for every pod that stays, both ways', async () => {
    const shop = await render('shop', { files: ['values-dev.yaml'], values: { 'notifications.enabled': true } });
    for (const [name, { metadata }] of shop.pods()) {
      const policies = shop.all('NetworkPolicy').filter(({ spec }) => matches(spec.podSelector, metadata?.labels));
      if (name === 'shop-test') continue;
      expect([name, policies.map(({ spec }) => spec.policyTypes)]).toEqual([name, [['Ingress', 'Egress']]]);
      for (const { from } of policies.flatMap(({ spec }) => spec.ingress ?? []))
        expect(from?.length).toBeGreaterThan(0);
    }
  });

  it('lets Kafka and MongoDB be reached by who uses them only', async () => {
    const shop = await render('shop', { files: ['values-dev.yaml'] });
    const reach = (port: number) =>
      shop
        .all('NetworkPolicy')
        .filter(({ spec }) => spec.egress?.some(({ ports }) => ports?.some((one) => one.port === port)))
        .map(({ metadata }) => metadata?.name);
    expect(reach(9092)).toEqual(['orders', 'payments']);
    expect(reach(27017)).toEqual(['clients', 'orders', 'payments', 'products']);
  });

  it('leads each Service to the pods of one Deployment, at a port that they have', async () => {
    const shop = await render('shop', { files: ['values-dev.yaml'] });
    for (const { metadata, spec } of shop.all('Service')) {
      const behind = [...shop.pods()].filter(([, pod]) =>
        matches({ matchLabels: spec?.selector ?? {} }, pod.metadata?.labels),
      );
      expect(behind.map(([name]) => name)).toEqual([metadata?.name?.replace('-metrics', '')]);
      const ports = behind.flatMap(([, pod]) => pod.spec?.containers[0]?.ports ?? []);
      expect(ports.map(({ containerPort }) => containerPort)).toEqual(spec?.ports?.map(({ port }) => port));
    }
  });
});

describe('a drain of a node', () => {
  it.each(['shop', 'lag-controller'])('is never blocked by %s', async (chart) => {
    for (const file of valueSets(chart))
      for (const { spec } of (await render(chart, { files: [file] })).all('PodDisruptionBudget')) {
        expect(spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
        expect(spec).not.toHaveProperty('minAvailable');
      }
  });
});

function matches(selector: { matchLabels?: Record<string, string> } | undefined, labels: Record<string, string> = {}) {
  return Object.entries(selector?.matchLabels ?? {}).every(([label, value]) => labels[label] === value);
}

/** `a → b` for the pods of this chart that a policy of b lets in and, if a has a policy, that lets out to b. */
function waysBetween(shop: Rendering): string[] {
  const pods = [...shop.pods()];
  const policyOf = (pod: V1PodTemplateSpec) =>
    shop.all('NetworkPolicy').find(({ spec }) => matches(spec.podSelector, pod.metadata?.labels))?.spec;
  const lets = (peers: { podSelector?: V1LabelSelector }[] = [], pod: V1PodTemplateSpec) =>
    peers.some(({ podSelector }) => podSelector && matches(podSelector, pod.metadata?.labels));
  return pods
    .flatMap(([from, caller]) =>
      pods
        .filter(([, callee]) => {
          const isLetIn = policyOf(callee)?.ingress?.some((rule) => lets(rule.from, caller));
          const isLetOut = !policyOf(caller) || policyOf(caller)?.egress?.some((rule) => lets(rule.to, callee));
          return isLetIn && isLetOut;
        })
        .map(([to]) => `${from} → ${to}`),
    )
    .sort();
}

/** The addresses that the pods are told to call, by pod. */
function urls(shop: Rendering): [string, URL][] {
  return [...shop.pods()].flatMap(([name, pod]) =>
    Object.entries(environmentOf(pod))
      .filter(([variable]) => variable.endsWith('_URL'))
      .map(([, url]) => [name, new URL(url)] as [string, URL]),
  );
}
