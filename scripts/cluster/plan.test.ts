import { describe, expect, it } from '@jest/globals';
import { allParts, planCluster } from './plan.ts';

const there = { KUBECONFIG: '/a' };

describe('the plan of a cluster', () => {
  it('is a kind cluster of our own with everything in it, when nothing is said', () => {
    const plan = planCluster({}, {});
    expect(plan).toMatchObject({ environment: 'dev', namespace: 'shop', cluster: undefined, kafka: 'k8s/kafka/dev' });
    expect([...plan.parts]).toEqual(allParts.filter((part) => part !== 'rabbitmq'));
  });

  it('takes the cluster of KUBECONFIG, and of --kubeconfig before that', () => {
    expect(planCluster({}, there).cluster?.kubeconfig).toBe('/a');
    expect(planCluster({ kubeconfig: '/b' }, there).cluster?.kubeconfig).toBe('/b');
    expect(planCluster({}, { KUBECONFIG: '' }).cluster).toBeUndefined();
  });

  it("takes a context of the person's own configuration when only that is named", () => {
    expect(planCluster({ context: 'kind-shop' }, {}).cluster).toEqual({ kubeconfig: undefined, context: 'kind-shop' });
  });

  it('builds no images for a cluster that is there, unless IMAGES tells how they get into it', () => {
    expect(planCluster({}, there).parts.has('images')).toBe(false);
    expect(planCluster({}, { ...there, IMAGES: 'build $IMAGE' }).parts.has('images')).toBe(true);
  });

  it('builds nothing for kind either where its nodes get the images of a registry', () => {
    const plan = planCluster({ registry: 'ghcr.io/me/shop' }, {});
    expect(plan.registry).toBe('ghcr.io/me/shop');
    expect(plan.parts.has('images')).toBe(false);
    expect(planCluster({ registry: 'localhost:5000' }, { IMAGES: 'push $IMAGE' }).parts.has('images')).toBe(true);
  });

  it('has no Kafka UI in staging, which nobody gave a password', () => {
    expect([...planCluster({ env: 'staging', values: 'a.yaml' }, there).parts]).toEqual([
      'operator',
      'monitoring',
      'kafka',
      'mongo',
      'charts',
    ]);
  });

  it('has a RabbitMQ where one is asked for', () => {
    const plan = planCluster({ rabbitmq: 'k8s/rabbitmq/dev' }, there);
    expect(plan.rabbitmq).toBe('k8s/rabbitmq/dev');
    expect([...plan.parts]).toContain('rabbitmq');
    expect([...planCluster({ only: 'rabbitmq' }, there).parts]).toEqual([]);
  });

  it('has what --only names, and not what --without names', () => {
    expect([...planCluster({ only: 'operator' }, {}).parts]).toEqual(['operator']);
    expect([...planCluster({ only: 'charts,kafka,mongo', without: 'mongo' }, {}).parts]).toEqual(['kafka', 'charts']);
  });

  it('asks at once for values where staging would lack a payment provider, and only for a shop', () => {
    expect(() => planCluster({ env: 'staging' }, there)).toThrow(/--values FILE .*provider/);
    expect(planCluster({ env: 'staging', without: 'charts' }, there).values).toBeUndefined();
  });

  it('has a file of values for each of the two charts', () => {
    const plan = planCluster({ values: 'shop.yaml', 'controller-values': 'scaler.yaml' }, {});
    expect(plan).toMatchObject({ values: 'shop.yaml', controllerValues: 'scaler.yaml' });
  });

  it.each([
    [{ env: 'production' }, '--env must be of dev, staging, but is "production".'],
    [{ without: 'zookeeper' }, /^--without must be of images, .*charts, but is "zookeeper".$/],
    [{ only: 'zookeeper' }, /^--only must be of/],
    [{ registry: 'https://ghcr.io/me' }, /^--registry must be HOST\/PATH .*"https:/],
    [{ registry: 'ghcr.io/me/' }, /^--registry/],
    [{ registry: 'ghcr.io/me,image.tag=x' }, /^--registry/],
    [{ namespace: 'Shop' }, '--namespace must be a name of Kubernetes, but is "Shop".'],
  ])('refuses %j in a sentence', (flags, sentence) => {
    expect(() => planCluster(flags, {})).toThrow(sentence);
  });
});
