import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { partitionCount, topics } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import type { Admin } from '../../services/shared/src/kafka/admin.ts';
import { connectKafka } from '../../services/shared/src/kafka/connect.ts';
import type { Producer } from '../../services/shared/src/kafka/producer.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import type { Progress } from '../command-line/progress.ts';
import { freePort } from '../embedded/free-port.ts';
import { startKafka } from '../embedded/kafka.ts';
import { startMongo } from '../embedded/mongo.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';

/** Broker and database of a run, shared by all sides that are compared. */
export interface World {
  readonly brokers: string;
  readonly databaseUri: (name: string) => string;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly logFolder: string;
  readonly progress: Progress;
  readonly machine: Surroundings;
  readonly close: () => Promise<void>;
}

export interface Surroundings extends Machine {
  readonly node: string;
  readonly kafka: string;
  readonly database: string;
}

const leadersTimeoutMs = 30_000;

/** What the plain loop reads: ours read the shop's own. */
export const plainTopic = 'plain.orders.created';

/** Starts a Kafka and a database with nothing in them but the topics. */
export async function openWorld(progress: Progress): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-'));
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.reverse()) await step();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const kafka = await startKafka({ port: await freePort(), dataDir: join(folder, 'kafka') });
    undo.push(kafka.stop);
    const mongo = await startMongo({ port: await freePort(), dataDir: join(folder, 'mongo') });
    undo.push(mongo.stop);
    const brokers = kafka.brokers.join(',');
    const client = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), {
      clientId: 'bench',
      log: createLog('bench', { logLevel: 'silent' }),
    });
    const admin = client.admin();
    const producer = client.producer();
    undo.push(admin.close, producer.close);
    await admin.createTopics(
      [...topics, plainTopic].map((topic) => ({ topic, partitions: partitionCount, replicationFactor: 1 })),
    );
    for (const topic of [...topics, plainTopic]) await hasLeaders(admin, topic);
    return {
      ...{ brokers, admin, producer, progress, close },
      databaseUri: (name) => `${mongo.uri}/${name}`,
      logFolder: join(folder, 'logs'),
      machine: {
        ...thisMachine(),
        node: process.versions.node,
        kafka: await kafkaVersion(),
        database: mongo.kind,
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The pom is the one place that says which Kafka this is. */
async function kafkaVersion(): Promise<string> {
  const pom = await readFile(join(import.meta.dirname, '../embedded/kafka/pom.xml'), 'utf8');
  return /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(pom)?.[1] ?? 'unknown';
}

/** A broker under load names a partition before it leads it. */
export async function hasLeaders(admin: Admin, topic: string): Promise<void> {
  const deadline = performance.now() + leadersTimeoutMs;
  for (;;) {
    try {
      await admin.offsets(topic);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
