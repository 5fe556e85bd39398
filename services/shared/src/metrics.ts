import { performance } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * A registry per process, handed to whoever measures: tests run several services in one process.
 * Label values must come from a closed list (routes, topics, reasons), never from ids.
 */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  eventLoopUtilization(registry);
  return registry;
}

/**
 * What is asked of others for a page is left out after so long: the rest is worth more. The lag controller waits two seconds for
 * it, in which two of its turns find room.
 */
export const scrapeTimeoutMs = 900;

/**
 * Milliseconds between two looks at the event loop's delay, which are part of what the delays say. At the library's ten, the
 * looks are most of what an idle service does.
 */
const eventLoopMonitoringPrecision = 100;

function eventLoopUtilization(registry: Registry): void {
  let last = performance.eventLoopUtilization();
  gauge(
    registry,
    'nodejs_eventloop_utilization',
    'Share of the time since the last scrape in which the event loop had work, 0 to 1',
    [],
    (utilization) => {
      const now = performance.eventLoopUtilization();
      utilization.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  );
}

/** Seconds, from a local write to a slow payment provider. */
export const durationBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function counter<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
) {
  return new Counter<L>({ name, help, labelNames, registers: [registry] });
}

/** `collect` runs at each scrape: for values that are read rather than counted. */
export function gauge<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
  collect?: (gauge: Gauge<L>) => void | Promise<void>,
) {
  return new Gauge<L>({
    name,
    help,
    labelNames,
    registers: [registry],
    ...(collect && {
      collect(this: Gauge<L>) {
        return collect(this);
      },
    }),
  });
}

export function histogram<L extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[] = [],
  buckets = durationBuckets,
) {
  return new Histogram<L>({ name, help, labelNames, buckets, registers: [registry] });
}
