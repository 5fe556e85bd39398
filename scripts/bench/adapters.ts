import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { readSettings } from '../../services/shared/src/env.ts';
import { connectKafka } from '../../services/shared/src/kafka/connect.ts';
import { platformaticProducer } from '../../services/shared/src/kafka/platformatic-producer.ts';
import type { Producer } from '../../services/shared/src/kafka/producer.ts';
import type { OutgoingRecord } from '../../services/shared/src/kafka/records.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { type Figure, figure, ratios } from './figures.ts';
import { hasLeaders, type World } from './world.ts';

const rounds = 5;
const batches = 150;
/** As a relay sends when it has much to send. */
const batchSize = 200;
const total = batches * batchSize;
const timeoutMs = 10_000;

/** The two clients, each behind the same port, on one broker: what produces and what reads more in a second. */
export async function measureAdapters({ brokers, admin, progress }: World): Promise<Figure[]> {
  const client = { clientId: 'bench', log: createLog('bench', { logLevel: 'silent' }) };
  const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: brokers });
  const topic = 'adapters';
  await admin.createTopics([{ topic, partitions: 6, replicationFactor: 1 }]);
  await hasLeaders(admin, topic);
  const kafka = connectKafka(settings, client);
  const producers = {
    kafkajs: kafka.producer({ timeoutMs }),
    platformatic: platformaticProducer(settings, { ...client, timeoutMs }),
  };
  const rates = { produced: sides(), read: sides() };
  try {
    // Compiled and connected, before anything counts.
    for (const producer of Object.values(producers)) await produce(producer, topic);
    await whenGroupsAreLoaded(() => readByKafkajs(kafka, topic));
    await whenGroupsAreLoaded(() => readByPlatformatic(brokers, topic));
    for (let round = 1; round <= rounds; round += 1)
      await progress.step(`adapters: round ${round} of ${rounds}`, async () => {
        rates.produced.kafkajs.push(await produce(producers.kafkajs, topic));
        rates.produced.platformatic.push(await produce(producers.platformatic, topic));
        rates.read.kafkajs.push(await readByKafkajs(kafka, topic));
        rates.read.platformatic.push(await readByPlatformatic(brokers, topic));
      });
  } finally {
    await Promise.all(Object.values(producers).map((producer) => producer.close()));
    await kafka.close();
  }
  return figuresOf(rates);
}

const sides = () => ({ kafkajs: [] as number[], platformatic: [] as number[] });

function figuresOf({ produced, read }: { produced: ReturnType<typeof sides>; read: ReturnType<typeof sides> }) {
  const rate = (id: string, about: string, values: number[]) =>
    figure({ id: `adapters.${id}`, about, unit: 'per second' }, values);
  const compared = (id: string, about: string, { kafkajs, platformatic }: typeof produced) =>
    figure({ id: `adapters.${id}`, about, unit: 'times' }, ratios(platformatic, kafkajs));
  return [
    compared('produce', 'records sent in batches of 200: @platformatic/kafka / kafkajs', produced),
    compared('read', 'records read: @platformatic/kafka / kafkajs', read),
    rate('produce-kafkajs', 'records sent, kafkajs', produced.kafkajs),
    rate('produce-platformatic', 'records sent, @platformatic/kafka', produced.platformatic),
    rate('read-kafkajs', 'records read, kafkajs', read.kafkajs),
    rate('read-platformatic', 'records read, @platformatic/kafka', read.platformatic),
  ];
}

async function produce(producer: Producer, topic: string): Promise<number> {
  const since = performance.now();
  for (let batch = 0; batch < batches; batch += 1) await producer.send(batchOf(topic, batch));
  return perSecond(since);
}

/** About as long as the event of an order, with its headers. */
function batchOf(topic: string, batch: number): OutgoingRecord[] {
  return Array.from({ length: batchSize }, (_, index) => ({
    topic,
    key: `${batch}-${index}`,
    value: 'x'.repeat(350),
    headers: { ce_id: `${batch}-${index}`, ce_type: 'orders.created', ce_source: '/orders' },
  }));
}

/** The first group of a broker waits for the topic of offsets to be made. */
async function whenGroupsAreLoaded(read: () => Promise<number>): Promise<void> {
  for (let attempts = 20; ; attempts -= 1)
    try {
      await read();
      return;
    } catch (error) {
      if (attempts === 0) throw error;
      await sleep(500);
    }
}

/** From the first record to the last: joining the group is not reading. */
async function readByKafkajs(kafka: ReturnType<typeof connectKafka>, topic: string): Promise<number> {
  const { promise: finished, resolve, reject } = Promise.withResolvers<number>();
  let [read, since] = [0, 0];
  const life = kafka.consumer(
    { groupId: 'bench-kafkajs', topic, maxBytesPerPartition: 262_144, sessionTimeoutMs: 10_000 },
    {
      joined: () => undefined,
      rebalancing: () => undefined,
      heartbeat: () => undefined,
      crashed: reject,
      ready: async () => undefined,
      take({ records }) {
        since ||= performance.now();
        read += records.length;
        if (read >= total) resolve(perSecond(since, read));
        return true;
      },
    },
  );
  try {
    await life.start();
    return await finished;
  } finally {
    await life.stop();
  }
}

async function readByPlatformatic(brokers: string, topic: string): Promise<number> {
  const consumer = new Consumer({
    ...{ clientId: 'bench', groupId: 'bench-platformatic', bootstrapBrokers: brokers.split(',') },
    ...{ maxBytes: 6 * 262_144, maxWaitTime: 500, autocommit: false },
  });
  let [read, since] = [0, 0];
  try {
    for await (const _ of await consumer.consume({ topics: [topic], mode: 'earliest' })) {
      since ||= performance.now();
      read += 1;
      if (read >= total) break;
    }
    return perSecond(since, read);
  } finally {
    await consumer.close(true);
  }
}

function perSecond(since: number, records = total): number {
  return records / ((performance.now() - since) / 1_000);
}
