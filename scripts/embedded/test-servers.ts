import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startKafka } from './kafka.ts';
import { startMongo } from './mongo.ts';

/** What ends the servers of a test run; kept on globalThis, the one thing Jest's setup and teardown share. */
interface TestRun {
  stop(): Promise<void>;
}

const key = Symbol.for('shop.test-servers');
const kept = globalThis as { [key]?: TestRun };

/**
 * Starts one Kafka and one MongoDB for the whole test run and names them in TEST_KAFKA_BROKERS and TEST_MONGODB_URI,
 * which Jest's workers inherit. A variable that is set already is left alone and its server is not started.
 */
export async function startTestServers(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-test-'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((stopServer) => stopServer()));
    await rm(folder, { recursive: true, force: true });
  };
  kept[key] = { stop };
  try {
    await Promise.all([
      env.TEST_KAFKA_BROKERS === undefined && startTestKafka(join(folder, 'kafka'), env, stops),
      env.TEST_MONGODB_URI === undefined && startTestMongo(join(folder, 'mongo'), env, stops),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends what `startTestServers` started in this process, and removes its data. */
export async function stopTestServers(): Promise<void> {
  await kept[key]?.stop();
  delete kept[key];
}

async function startTestKafka(dataDir: string, env: NodeJS.ProcessEnv, stops: (() => Promise<void>)[]) {
  const kafka = await startKafka({ port: await freePort(), dataDir, env });
  stops.push(kafka.stop);
  env.TEST_KAFKA_BROKERS = kafka.brokers.join(',');
}

async function startTestMongo(dataDir: string, env: NodeJS.ProcessEnv, stops: (() => Promise<void>)[]) {
  // Which server a test meets must not depend on the machine.
  const kind = env.EMBEDDED_MONGODB === 'mongod' ? 'mongod' : 'mongo-java-server';
  const mongo = await startMongo({ port: await freePort(), dataDir, kind, env });
  stops.push(mongo.stop);
  env.TEST_MONGODB_URI = mongo.uri;
}
