import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { partitionCount, topics } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { connectKafka } from '../../services/shared/src/messaging/kafka.ts';
import type { Admin } from '../../services/shared/src/messaging/kafka-admin.ts';
import { kafkaSettings } from '../../services/shared/src/messaging/kafka-settings.ts';
import { freePort } from '../embedded/free-port.ts';
import { startKafka } from '../embedded/kafka.ts';
import { startMongo } from '../embedded/mongo.ts';
import type { Progress } from '../local/progress.ts';

/** Broker and database of a run, shared by all sides that are compared. */
export interface World {
  readonly brokers: string;
  readonly databaseUri: (name: string) => string;
  readonly admin: Admin;
  readonly logFolder: string;
  readonly progress: Progress;
  readonly machine: Machine;
  readonly close: () => Promise<void>;
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly kafka: string;
  readonly database: string;
}

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
    undo.push(admin.close);
    await admin.createTopics(topics.map((topic) => ({ topic, partitions: partitionCount, replicationFactor: 1 })));
    return {
      ...{ brokers, admin, progress, close },
      databaseUri: (name) => `${mongo.uri}/${name}`,
      logFolder: join(folder, 'logs'),
      machine: {
        cores: cpus().length,
        processor: cpus()[0]?.model ?? 'unknown',
        memoryGiB: Math.round(totalmem() / 2 ** 30),
        node: process.versions.node,
        kafka: '4.3.1',
        database: mongo.kind,
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
