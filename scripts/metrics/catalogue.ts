/** Every metric of every service, from the functions that register them; no service is started for it. */
import { controllerMetrics } from '../../services/lag-controller/src/reporting/metrics.ts';
import type { Broker } from '../../services/notifications/src/broker.ts';
import { measured, taskMetrics } from '../../services/notifications/src/notification-metrics.ts';
import type { Channel } from '../../services/notifications/src/ports.ts';
import { orderMetrics } from '../../services/orders/src/order-metrics.ts';
import { providerMetrics } from '../../services/provider/src/provider-metrics.ts';
import { httpMetrics } from '../../services/shared/src/http/http-metrics.ts';
import { consumerMetrics } from '../../services/shared/src/messaging/consumer-metrics.ts';
import { createRegistry, type Registry } from '../../services/shared/src/metrics.ts';
import { relayMetrics } from '../../services/shared/src/outbox/relay-metrics.ts';
import { unitOf } from './unit.ts';

export interface CataloguedMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly help: string;
  /** Names of the services that have it, in their order here. */
  readonly services: readonly string[];
}

const outbox = (registry: Registry) =>
  relayMetrics(registry, {
    backlog: () => Promise.reject(new Error('nothing is read for a list of names')),
  } as unknown as Parameters<typeof relayMetrics>[1]);

/** What each service registers, beside what every process has; e2e/local/start.e2e.test.ts holds it against the running ones. */
const services: Readonly<Record<string, readonly ((registry: Registry) => unknown)[]>> = {
  orders: [outbox, orderMetrics],
  payments: [outbox, consumerMetrics],
  notifications: [
    consumerMetrics,
    (registry) => measured(registry, { name: 'log' } as Channel),
    (registry) => taskMetrics(registry, {} as Broker, 0),
  ],
  clients: [],
  products: [],
  'lag-controller': [
    (registry) => controllerMetrics(registry, { isLeader: () => false, scalersReadAtMs: () => 0, nowMs: () => 0 }),
  ],
  provider: [providerMetrics],
};

interface Registered {
  readonly name: string;
  readonly help: string;
  readonly type: CataloguedMetric['type'];
  readonly labelNames: readonly string[];
}

function registered(register: readonly ((registry: Registry) => unknown)[]): readonly Registered[] {
  const registry = createRegistry('catalogue');
  httpMetrics(registry, {});
  for (const one of register) one(registry);
  return registry.getMetricsAsArray() as unknown as Registered[];
}

/** Sorted by name. @throws for a metric whose unit nobody has said */
export function metricCatalogue(): CataloguedMetric[] {
  const byName = new Map<string, CataloguedMetric>();
  for (const [service, register] of Object.entries(services))
    for (const { name, help, type, labelNames } of registered(register)) {
      const known = byName.get(name)?.services ?? [];
      const unit = unitOf(name);
      byName.set(name, { name, type, unit, labels: labelNames, help, services: [...known, service] });
    }
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

export const serviceNames: readonly string[] = Object.keys(services);
