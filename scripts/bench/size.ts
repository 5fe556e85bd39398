import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from './figures.ts';
import { skipEarlierOrders } from './payments.ts';
import { type Server, startServer } from './processes.ts';
import { metricIn, scrape } from './scrape.ts';
import type { World } from './world.ts';

const starts = 5;
const settleMs = 45_000;
/**
 * V8 tidies up once what the start has left, half a minute to two minutes after it, which takes it as long as ten seconds of
 * being idle. That falls into one window, and the median is without it.
 */
const windows = 6;
const windowMs = 20_000;
const services = ['orders', 'payments', 'clients', 'products'] as const;

interface Idle {
  readonly memory: number;
  /** Of each window. */
  readonly processor: number[];
}

/** What a service costs before it has any work: start, memory, processor. They are idle side by side. */
export async function measureSize(world: World): Promise<Figure[]> {
  await skipEarlierOrders(world);
  const servers: Server[] = [];
  try {
    const readySeconds: number[][] = [];
    for (const service of services)
      await world.progress.step(`size: start of ${service}`, async () => {
        const { server, seconds } = await startOf(service, world);
        servers.push(server);
        readySeconds.push(seconds);
      });
    const idles = await world.progress.step('size: idle', () => Promise.all(servers.map(idle)));
    return services.flatMap((service, index) => figuresOf(service, readySeconds[index] ?? [], idles[index] as Idle));
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Started several times; the last one still runs. */
async function startOf(service: string, { databaseUri, brokers, logFolder }: World) {
  const open = () =>
    startServer({
      ...{ name: `size-${service}`, script: `services/${service}/src/main.ts`, logFolder },
      env: { MONGODB_URI: databaseUri(`size-${service}`), KAFKA_BROKERS: brokers },
    });
  const seconds: number[] = [];
  for (let count = 1; count < starts; count += 1) {
    const server = await open();
    seconds.push(server.readyMs / 1_000);
    await server.stop();
  }
  const server = await open();
  seconds.push(server.readyMs / 1_000);
  return { server, seconds };
}

async function idle({ url }: Server): Promise<Idle> {
  // The first page costs most, and is to be forgotten too.
  await scrape(url);
  await sleep(settleMs);
  const seconds = (metrics: string) => metricIn(metrics, 'process_cpu_seconds_total');
  const processor: number[] = [];
  let metrics = await scrape(url);
  for (let window = 1; window <= windows; window += 1) {
    const before = seconds(metrics);
    await sleep(windowMs);
    metrics = await scrape(url);
    processor.push(((seconds(metrics) - before) / (windowMs / 1_000)) * 100);
  }
  return { memory: metricIn(metrics, 'process_resident_memory_bytes') / 1e6, processor };
}

function figuresOf(service: string, readySeconds: number[], { memory, processor }: Idle): Figure[] {
  return [
    figure({ id: `size.${service}-start`, about: `${service}: from its start to ready`, unit: 's' }, readySeconds),
    figure({ id: `size.${service}-memory`, about: `${service}: resident memory, idle`, unit: 'MB' }, [memory]),
    figure(
      {
        ...{ id: `size.${service}-idle`, unit: '% of a core', reach: { atMost: 0.5 } },
        about: `${service}: processor, idle`,
      },
      processor,
    ),
  ];
}
