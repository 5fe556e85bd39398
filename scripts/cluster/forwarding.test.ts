import { describe, expect, it } from '@jest/globals';
import { planForwards, type ServiceResource } from './forwarding.ts';

const service = (name: string, port: number, namespace = 'shop'): ServiceResource => ({
  metadata: { name, namespace },
  spec: {
    ports: [
      { name: 'metrics', port: 1 },
      { name: 'http', port },
    ],
  },
});

const there = [service('orders', 80), service('mongo', 27_017), service('grafana', 80, 'monitoring')];

describe('the ports that are forwarded', () => {
  it('are those of the known services that are there, each in its own namespace, at the port called http', () => {
    expect(planForwards(there, undefined)).toEqual([
      { service: 'orders', namespace: 'shop', localPort: 3001, servicePort: 80, url: 'http://127.0.0.1:3001/docs' },
      { service: 'grafana', namespace: 'monitoring', localPort: 3000, servicePort: 80, url: 'http://127.0.0.1:3000/' },
    ]);
  });

  it('are those that were asked for', () => {
    expect(planForwards(there, 'grafana').map(({ service: name }) => name)).toEqual(['grafana']);
  });

  it('are refused when one that was asked for is not there', () => {
    expect(() => planForwards(there, 'orders,kafka-ui')).toThrow('Not there: kafka-ui.');
  });
});
