import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure } from './figures.ts';
import { skipEarlierOrders } from './payments.ts';
import { type Server, startServer } from './processes.ts';
import { metricIn, scrape } from './scrape.ts';
import type { World } from './world.ts';

const starts = 5;
/** About half a minute after its start V8 tidies up once what the start has left: that is no cost of being idle. */
const settleMs = 45_000;
const idleMs = 20_000;
const services = ['orders', 'payments', 'clients', 'products'] as const;

/** What a service costs before it has any work: start, memory, processor. */
export async function measureSize(world: World): Promise<Figure[]> {
  const figures: Figure[] = [];
  await skipEarlierOrders(world);
  for (const service of services)
    figures.push(...(await world.progress.step(`size: ${service}`, () => sizeOf(service, world))));
  return figures;
}

async function sizeOf(service: (typeof services)[number], world: World): Promise<Figure[]> {
  const { databaseUri, brokers, logFolder } = world;
  const open = () =>
    startServer({
      ...{ name: `size-${service}`, script: `services/${service}/src/main.ts`, logFolder },
      env: { MONGODB_URI: databaseUri(`size-${service}`), KAFKA_BROKERS: brokers },
    });
  const readySeconds: number[] = [];
  for (let count = 1; count < starts; count += 1) {
    const server = await open();
    readySeconds.push(server.readyMs / 1_000);
    await server.stop();
  }
  const server = await open();
  readySeconds.push(server.readyMs / 1_000);
  try {
    const { memory, processor } = await idle(server);
    return [
      figure({ id: `size.${service}-start`, about: `${service}: from its start to ready`, unit: 's' }, readySeconds),
      figure({ id: `size.${service}-memory`, about: `${service}: resident memory, idle`, unit: 'MB' }, [memory]),
      figure(
        {
          ...{ id: `size.${service}-idle`, unit: '% of a core', reach: { atMost: 0.5 } },
          about: `${service}: processor, idle`,
        },
        [processor],
      ),
    ];
  } finally {
    await server.stop();
  }
}

async function idle({ url }: Server): Promise<{ memory: number; processor: number }> {
  // The first page costs most, and is to be forgotten too.
  await scrape(url);
  await sleep(settleMs);
  const before = await scrape(url);
  await sleep(idleMs);
  const after = await scrape(url);
  const seconds = (metrics: string) => metricIn(metrics, 'process_cpu_seconds_total');
  return {
    memory: metricIn(after, 'process_resident_memory_bytes') / 1e6,
    processor: ((seconds(after) - seconds(before)) / (idleMs / 1_000)) * 100,
  };
}
