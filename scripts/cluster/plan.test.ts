import { describe, expect, it } from '@jest/globals';
import { planCluster } from './plan.ts';

describe('the plan of a cluster', () => {
  it('is a kind cluster of our own with everything in it, when nothing is said', () => {
    const plan = planCluster({}, {});
    expect(plan).toMatchObject({
      environment: 'dev',
      namespace: 'shop',
      kubeconfig: undefined,
      kafka: 'k8s/kafka/dev',
    });
    expect([...plan.parts]).toEqual(['images', 'monitoring', 'kafka-ui', 'mongo', 'charts']);
  });

  it('takes the cluster of KUBECONFIG, and of --kubeconfig before that', () => {
    expect(planCluster({}, { KUBECONFIG: '/a' }).kubeconfig).toBe('/a');
    expect(planCluster({ kubeconfig: '/b' }, { KUBECONFIG: '/a' }).kubeconfig).toBe('/b');
    expect(planCluster({}, { KUBECONFIG: '' }).kubeconfig).toBeUndefined();
  });

  it('builds no images for a cluster that is there, unless IMAGES tells how they get into it', () => {
    expect(planCluster({}, { KUBECONFIG: '/a' }).parts.has('images')).toBe(false);
    expect(planCluster({}, { KUBECONFIG: '/a', IMAGES: 'build $IMAGE' }).parts.has('images')).toBe(true);
  });

  it('has no Kafka UI in staging, which nobody gave a password', () => {
    expect([...planCluster({ env: 'staging' }, { KUBECONFIG: '/a' }).parts]).toEqual(['monitoring', 'mongo', 'charts']);
  });

  it('leaves out what --without names', () => {
    const { parts } = planCluster({ without: 'monitoring,charts' }, {});
    expect([...parts]).toEqual(['images', 'kafka-ui', 'mongo']);
  });

  it.each([
    [{ env: 'production' }, '--env must be of dev, staging, but is "production".'],
    [{ without: 'kafka' }, '--without must be of images, monitoring, kafka-ui, mongo, charts, but is "kafka".'],
    [{ namespace: 'Shop' }, '--namespace must be a name of Kubernetes, but is "Shop".'],
  ])('refuses %j in a sentence', (flags, sentence) => {
    expect(() => planCluster(flags, {})).toThrow(sentence);
  });
});
