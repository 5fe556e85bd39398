import { type Connection, createConnection } from 'mongoose';
import { type Setting, text, type Values } from './env.ts';
import { DomainError, reasonOf, StartError } from './errors.ts';
import { freeHangingHeartbeats } from './mongo-heartbeat.ts';

export type { Connection } from 'mongoose';

const uri: Setting<string> = {
  ...text(
    'MONGODB_URI',
    'mongodb://127.0.0.1:27017/shop',
    'MongoDB address with the database name; TLS by its query options',
  ),
  secret: true,
  parse(raw) {
    if (!/^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(raw)) throw new Error('mongodb://HOST:PORT/DATABASE');
    return raw;
  },
};

export const mongoSettings = { mongodbUri: uri };

/**
 * Opens the connection, or gives up soon: a service that starts while the database is down should exit and be started again.
 * Writes wait for the journal of a majority: an order that was answered with 201 must outlive the server that took it.
 *
 * @throws StartError when no server answers within two seconds, or it refuses us
 */
export async function connectMongo({ mongodbUri }: Values<typeof mongoSettings>): Promise<Connection> {
  try {
    return await open(mongodbUri);
  } catch (error) {
    const hosts = mongodbUri.replace(/^[^:]+:\/\/(.*@)?/, '').replace(/\/.*$/s, '');
    const advice = 'start it, or set MONGODB_URI to one that runs';
    throw new StartError(`MongoDB at ${hosts} cannot be used (${reasonOf(error)}): ${advice}.`, { cause: error });
  }
}

/** Connecting and the first answer may take the driver 2 s each. */
const heartbeatPatienceMs = 6_000;

async function open(mongodbUri: string): Promise<Connection> {
  const connection = await createConnection(mongodbUri, {
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    serverSelectionTimeoutMS: 2_000,
    connectTimeoutMS: 2_000,
    socketTimeoutMS: 10_000,
    waitQueueTimeoutMS: 2_000,
    heartbeatFrequencyMS: 2_000,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
  }).asPromise();
  freeHangingHeartbeats(connection.getClient(), heartbeatPatienceMs);
  return connection;
}

/** A ping, bounded: readiness must not hang on a server that has stopped answering. */
export async function pingMongo(connection: Connection): Promise<void> {
  if (!connection.db) throw new Error('MongoDB is not connected');
  await connection.db.command({ ping: 1 }, { timeoutMS: 1_500 });
}

const outages = new Set([
  'MongoServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'WaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoOperationTimeoutError',
  'MongoClientClosedError',
  'MongooseServerSelectionError',
  'DisconnectedError',
]);

/** NotWritablePrimary, ShutdownInProgress and their kin: the server answers, but cannot serve now. */
const unservingCodes = new Set([6, 7, 89, 91, 189, 9001, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** The driver passes on as it is what a socket throws that was closed between its choice and the write. */
const brokenSocketCodes = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** An outage of MongoDB becomes `unavailable`; any other error is not ours to judge. */
export function mongoOutage(error: unknown): DomainError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  const buffering = error.name === 'MongooseError' && error.message.includes('initial connection');
  const broken = typeof code === 'string' && brokenSocketCodes.has(code);
  const unserving = typeof code === 'number' && unservingCodes.has(code);
  if (!outages.has(error.name) && !broken && !unserving && !buffering && !isBrokenBulk(error)) return undefined;
  return new DomainError('unavailable', {
    code: 'database-unavailable',
    detail: 'The database does not answer. Try again soon.',
    retryAfterSeconds: 2,
    cause: error,
  });
}

/** What breaks a command with many writes on its way is told under the name of a refused write, without a code of the server. */
function isBrokenBulk(error: Error): boolean {
  const { code, writeErrors } = error as { code?: unknown; writeErrors?: unknown };
  return error.name === 'MongoBulkWriteError' && code === undefined && [writeErrors].flat().length === 0;
}

/** True for the violation of a unique index (E11000). */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 11_000;
}
