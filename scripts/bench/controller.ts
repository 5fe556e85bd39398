import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { Link } from '../chaos/link.ts';
import { kafkaDialogue } from '../chaos/wire/kafka.ts';
import { startApiServer, type Wanted } from './api-server.ts';
import { type Figure, figure, ratios } from './figures.ts';
import { type Server, startServer } from './processes.ts';
import { metricIn, scrape } from './scrape.ts';
import { hasLeaders, type World } from './world.ts';

const most = 300;
const sizes = [1, 10, 100, most] as const;
const partitions = 24;
const scalersPerTopic = 10;
const rounds = 5;
/** Of the controller's 5 s each: in 30 s every status is written once. */
const ticksPerRound = 6;
const settlingTicks = 3;
const tickTimeoutMs = 60_000;

/** Requests so far, at the beginning of a tick. */
interface Counts {
  readonly kafka: number;
  readonly api: number;
}

interface Side {
  readonly size: number;
  /** Whether its targets are listed, instead of read by name. */
  readonly isListing: boolean;
  readonly controller: Server;
  readonly ticks: readonly Counts[];
  readonly cpuMs: number[];
  readonly memory: number[];
  readonly close: () => Promise<void>;
}

/** What a tick of one lag controller costs as it has more to look after. All sizes run side by side, each in its own process. */
export async function measureController(world: World): Promise<Figure[]> {
  const wanted = Array.from({ length: most }, (_, index) => ({
    ...{ name: `scaler-${index}`, group: `bench-group-${index}` },
    topic: `bench-topic-${Math.floor(index / scalersPerTopic)}`,
  }));
  await world.progress.step('controller: topics and groups', () => prepare(world, wanted));
  const sides: Side[] = [];
  try {
    for (const [size, isListing] of [...sizes.map((size) => [size, false] as const), [most, true] as const])
      sides.push(
        await world.progress.step(`controller: ${counted({ size, isListing })}`, () =>
          open(world, wanted.slice(0, size), isListing),
        ),
      );
    for (let round = 1; round <= rounds; round += 1)
      await world.progress.step(`controller: round ${round} of ${rounds}`, () => Promise.all(sides.map(observe)));
    return figuresOf(sides);
  } finally {
    for (const { close } of sides) await close();
  }
}

/** Topics with a message or so in each partition, and groups that have read them all. */
async function prepare({ admin, producer, brokers }: World, wanted: readonly Wanted[]): Promise<void> {
  const topics = [...new Set(wanted.map(({ topic }) => topic))];
  await admin.createTopics(topics.map((topic) => ({ topic, partitions, replicationFactor: 1 })));
  for (const topic of topics) {
    await hasLeaders(admin, topic);
    await producer.send(
      Array.from({ length: 4 * partitions }, (_, key) => ({ topic, key: `${key}`, value: '{}', headers: {} })),
    );
  }
  // kafkajs takes five seconds for each group.
  const quick = new Admin({ clientId: 'bench', bootstrapBrokers: brokers.split(',') });
  try {
    for (const topic of topics) {
      const ends = await admin.offsets(topic);
      const partitionOffsets = ends.map(({ partition, high }) => ({ partition, offset: high }));
      for (const { group } of wanted.filter((one) => one.topic === topic))
        await quick.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] });
    }
  } finally {
    await quick.close();
  }
}

async function open({ brokers, logFolder }: World, wanted: readonly Wanted[], isListing: boolean): Promise<Side> {
  const size = wanted.length;
  const [host = '', port = ''] = brokers.split(':');
  const broker = { host, port: Number(port) };
  const link = await new Link({
    ...{ name: 'kafka', target: broker },
    dialogue: (address) => kafkaDialogue([{ broker, link: address }]),
  }).open();
  let kafka = 0;
  link.watch = ({ direction }) => {
    if (direction === 'request') kafka += 1;
    return 'pass';
  };
  const ticks: Counts[] = [];
  const api = await startApiServer(wanted, join(logFolder, 'kubernetes'), () =>
    ticks.push({ kafka, api: api.requests() }),
  );
  const controller = await startServer({
    ...{
      name: `lag-controller-${idOf({ size, isListing })}`,
      script: 'services/lag-controller/src/main.ts',
      logFolder,
    },
    env: {
      ...{ KAFKA_BROKERS: link.authority, TARGET: 'kubernetes', KUBECONFIG: api.kubeconfig },
      LIST_TARGETS: String(isListing),
    },
  });
  const side = { size, isListing, controller, ticks, cpuMs: [], memory: [] };
  await ticked(side, settlingTicks);
  return {
    ...side,
    async close() {
      await controller.stop();
      await Promise.all([link.close(), api.close()]);
    },
  };
}

/** Resolves at the beginning of a tick, `count` of them from now. */
async function ticked({ ticks, size }: Pick<Side, 'ticks' | 'size'>, count: number): Promise<void> {
  const target = ticks.length + count;
  const deadline = performance.now() + count * tickTimeoutMs;
  while (ticks.length < target) {
    if (performance.now() > deadline) throw new Error(`with ${size} scalers no tick ended within ${tickTimeoutMs} ms`);
    await sleep(20);
  }
}

async function observe(side: Side): Promise<void> {
  const { url } = side.controller;
  const cpuSeconds = async () => metricIn(await scrape(url), 'process_cpu_seconds_total');
  await ticked(side, 1);
  const [before, first] = [await cpuSeconds(), side.ticks.length];
  await ticked(side, ticksPerRound);
  const after = await scrape(url);
  side.cpuMs.push(((metricIn(after, 'process_cpu_seconds_total') - before) * 1_000) / (side.ticks.length - first));
  side.memory.push(metricIn(after, 'process_resident_memory_bytes') / 1e6);
}

/** Of every tick that ended, but for the first ones. */
function perTick({ ticks }: Side, of: keyof Counts): number[] {
  return ticks.slice(settlingTicks).flatMap((counts, index) => {
    const before = ticks[settlingTicks + index - 1];
    return before ? [counts[of] - before[of]] : [];
  });
}

function idOf({ size, isListing }: Pick<Side, 'size' | 'isListing'>): string {
  return isListing ? `${size}-listing` : `${size}`;
}

function counted({ size, isListing }: Pick<Side, 'size' | 'isListing'>): string {
  const scalers = size === 1 ? '1 LagScaler' : `${size} LagScalers`;
  return isListing ? `${scalers}, targets listed` : scalers;
}

function figuresOf(sides: readonly Side[]): Figure[] {
  // The last one lists.
  const [few, many] = [sides[0] as Side, sides.at(-1) as Side];
  const shortest = Math.min(few.ticks.length, many.ticks.length) - settlingTicks;
  const compared = (of: keyof Counts) =>
    ratios(perTick(few, of).slice(0, shortest), perTick(many, of).slice(0, shortest));
  const between = `with ${counted(few)} / with ${counted(many)}`;
  return [
    figure(
      {
        ...{ id: 'controller.kafka', unit: 'ratio', reach: { atLeast: 1 } },
        about: `requests to Kafka per tick: ${between}`,
      },
      compared('kafka'),
    ),
    figure(
      { id: 'controller.api', unit: 'ratio', about: `requests to Kubernetes per tick: ${between}` },
      compared('api'),
    ),
    ...sides.flatMap((side) => [
      figure(
        { id: `controller.kafka-${idOf(side)}`, about: `requests to Kafka, ${counted(side)}`, unit: 'per tick' },
        perTick(side, 'kafka'),
      ),
      figure(
        {
          id: `controller.api-${idOf(side)}`,
          about: `requests to Kubernetes, ${counted(side)}`,
          unit: 'per tick',
        },
        perTick(side, 'api'),
      ),
      figure(
        { id: `controller.cpu-${idOf(side)}`, about: `processor per tick, ${counted(side)}`, unit: 'ms' },
        side.cpuMs,
      ),
      figure(
        { id: `controller.memory-${idOf(side)}`, about: `resident memory, ${counted(side)}`, unit: 'MB' },
        side.memory,
      ),
    ]),
  ];
}
