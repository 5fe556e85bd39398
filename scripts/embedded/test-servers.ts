import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startKafka } from './kafka.ts';
import { startMongo } from './mongo.ts';

/** What ends the servers of a test run; kept on globalThis, the one thing Jest's setup and teardown share. */
const key = Symbol.for('shop.test-servers');
const shared = globalThis as { [key]?: () => Promise<void> };

/**
 * Starts one Kafka and one MongoDB for the whole test run and names them in TEST_KAFKA_BROKERS and TEST_MONGODB_URI,
 * which Jest's workers inherit. A variable that is set already is left alone and its server is not started.
 * Further calls do nothing until `stopTestServers`: Jest makes one per project.
 */
export async function startTestServers(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (shared[key] !== undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'shop-test-'));
  const undo: (() => unknown)[] = [];
  shared[key] = async () => {
    await Promise.all(undo.map((step) => step()));
    await rm(folder, { recursive: true, force: true });
  };
  const provide = (variable: string, start: () => Promise<{ address: string; stop(): Promise<void> }>) =>
    env[variable] === undefined &&
    start().then(({ address, stop }) => {
      env[variable] = address;
      // In watch mode the next run must not look for a server of the last one.
      undo.push(stop, () => delete env[variable]);
    });
  const started = await Promise.allSettled([
    provide('TEST_KAFKA_BROKERS', () => startTestKafka(join(folder, 'kafka'), env)),
    provide('TEST_MONGODB_URI', () => startTestMongo(join(folder, 'mongo'), env)),
  ]);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  await stopTestServers();
  throw failed.reason;
}

/** Ends what `startTestServers` started in this process, and removes its data. */
export async function stopTestServers(): Promise<void> {
  const stop = shared[key];
  delete shared[key];
  await stop?.();
}

async function startTestKafka(dataDir: string, env: NodeJS.ProcessEnv) {
  const { brokers, stop } = await startKafka({ port: await freePort(), dataDir, env });
  return { address: brokers.join(','), stop };
}

async function startTestMongo(dataDir: string, env: NodeJS.ProcessEnv) {
  // Which server a test meets must not depend on the machine.
  const kind = env.EMBEDDED_MONGODB === 'mongod' ? 'mongod' : 'mongo-java-server';
  const { uri, stop } = await startMongo({ port: await freePort(), dataDir, kind, env });
  return { address: uri, stop };
}
