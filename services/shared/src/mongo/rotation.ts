import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, mongo as driver } from 'mongoose';
import { asError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { connectMongo, currentUri, driverOptions, heartbeatPatienceMs, type MongoAddress } from './connect.ts';
import { freeHangingHeartbeats } from './heartbeat.ts';
import { leaveIdlePoolsAlone } from './pools.ts';

export interface FollowedMongo {
  readonly mongo: Connection;
  readonly close: () => Promise<void>;
}

interface Pace {
  /** Between two looks at the files. */
  readonly everyMs: number;
  /** How long what has begun on the last client may take to end: more than an operation may. */
  readonly graceMs: number;
}

/**
 * A connection that follows its Secret. The driver reads address and certificates once, so when the file of the address, or
 * a file that its options name, has changed, a new client is opened beside the old one and put into its place when it
 * works: nothing fails, and no process ends. What cannot be used is told in the log, and the old client stays.
 *
 * @throws StartError as `connectMongo` does
 */
export async function openMongo(
  address: MongoAddress,
  log: Logger,
  { everyMs, graceMs }: Pace = { everyMs: 10_000, graceMs: 25_000 },
): Promise<FollowedMongo> {
  let used = contentsOf(address);
  const mongo = await connectMongo(address);
  const isMounted = address.mongodbUriFile !== undefined || filesOf(currentUri(address)).length > 0;
  const closing = new AbortController();
  const retiring = new Set<Promise<void>>();

  const look = async () => {
    const found = contentsOf(address);
    if (found === used) return;
    const client = await clientOf(address);
    if (closing.signal.aborted) return client.close();
    const last = mongo.getClient();
    await replaceClient(mongo, client);
    used = found;
    log.info('MongoDB is reached by its new address or certificates');
    const retired = sleep(graceMs, undefined, { signal: closing.signal })
      .catch(() => undefined)
      .then(() => last.close())
      .finally(() => retiring.delete(retired));
    retiring.add(retired);
  };
  const following = isMounted ? follow(look, { everyMs, signal: closing.signal, log }) : undefined;

  return {
    mongo,
    async close() {
      closing.abort();
      await following;
      await Promise.all(retiring);
      await mongo.close();
    },
  };
}

async function follow(look: () => Promise<void>, { everyMs, signal, log }: FollowOptions): Promise<void> {
  let told: string | undefined;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await look();
      told = undefined;
    } catch (thrown) {
      const error = asError(thrown);
      if (error.message !== told) log.warn({ err: error }, 'new credentials for MongoDB cannot be used, the last stay');
      told = error.message;
    }
  }
}

interface FollowOptions {
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

async function clientOf(address: MongoAddress) {
  const client = new driver.MongoClient(currentUri(address), driverOptions(address));
  try {
    await client.connect();
    await client.db().command({ ping: 1 }, { timeoutMS: 2_000 });
  } catch (error) {
    await client.close();
    throw error;
  }
  freeHangingHeartbeats(client, heartbeatPatienceMs(address));
  leaveIdlePoolsAlone(client);
  return client;
}

/** Models stay as they are. Until the new client is in its place they use the old one, which is left open. */
async function replaceClient(connection: Connection, client: ReturnType<Connection['getClient']>): Promise<void> {
  const last = connection.getClient();
  // @ts-expect-error: this option is missing in its types only.
  await connection.close({ skipCloseClient: true });
  // By these mongoose would take the end of the old client for an outage.
  for (const event of ['serverDescriptionChanged', 'topologyDescriptionChanged'] as const)
    last.removeAllListeners(event);
  connection.setClient(client);
}

/** The files that the options of an address name, by the driver's own names for them. */
function filesOf(uri: string): string[] {
  const options = new URLSearchParams(uri.split('?')[1]);
  return [...options].filter(([name]) => /^tls(CA|CertificateKey|CRL)File$/i.test(name)).map(([, path]) => path);
}

function contentsOf(address: MongoAddress): string {
  const uri = currentUri(address);
  return [uri, ...filesOf(uri).map((path) => readFileSync(path, 'utf8'))].join('\0');
}
