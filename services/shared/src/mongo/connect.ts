import { readFileSync } from 'node:fs';
import { type Connection, createConnection } from 'mongoose';
import { integer, optional, type Setting, secret, text } from '../env.ts';
import { DomainError, reasonOf, StartError } from '../errors.ts';
import { freeHangingHeartbeats } from './heartbeat.ts';
import { leaveIdlePoolsAlone } from './pools.ts';

export type { Connection } from 'mongoose';

const uri: Setting<string> = {
  ...secret(
    text(
      'MONGODB_URI',
      'mongodb://127.0.0.1:27017/shop',
      'MongoDB address with the database name; TLS by its query options',
    ),
  ),
  parse(raw) {
    // A second @ is one of the password that was not escaped: the driver would take what follows the first for a host, and tell it.
    if (!/^mongodb(\+srv)?:\/\/([^@/]*@)?[^@/]+\/[^?]+/.test(raw))
      throw new Error('mongodb://HOST:PORT/DATABASE, with @, : and / in a password as %40, %3A and %2F');
    return raw;
  },
};

export const mongoSettings = {
  mongodbUri: uri,
  mongodbUriFile: optional(
    text('MONGODB_URI_FILE', undefined, 'file with that address, read again while running; goes before MONGODB_URI'),
  ),
  mongodbConnectTimeoutMs: integer(
    'MONGODB_CONNECT_TIMEOUT_MS',
    '5000',
    'a server that takes longer to accept a connection, or to answer whether it lives, counts as gone: every connection to it is ended then, so below what a busy machine may need it makes outages',
    [500, 60_000],
  ),
};

export interface MongoAddress {
  readonly mongodbUri: string;
  readonly mongodbUriFile?: string | undefined;
  readonly mongodbConnectTimeoutMs?: number;
}

/** What says which copy is read: beside the primary, which is ours to say, the driver refuses it. And what goes before our time. */
const overruled = /(?<=[?&])(readPreferenceTags|maxStalenessSeconds|wtimeout)=[^&]*&?/gi;

/** @throws StartError when the file cannot be read, or holds no address of a database */
export function currentUri({ mongodbUri, mongodbUriFile }: MongoAddress): string {
  return (mongodbUriFile === undefined ? mongodbUri : uriIn(mongodbUriFile)).replace(overruled, '');
}

function uriIn(file: string): string {
  try {
    return uri.parse(readFileSync(file, 'utf8').trim());
  } catch (error) {
    throw new StartError(`MONGODB_URI_FILE must name a file with an address of MongoDB: ${reasonOf(error)}`);
  }
}

/**
 * Opens the connection, or gives up soon: a service that starts while the database is down should exit and be started again.
 *
 * @throws StartError when no server answers within two seconds, or it refuses us
 */
export async function connectMongo(address: MongoAddress): Promise<Connection> {
  const mongodbUri = currentUri(address);
  try {
    const options = { ...driverOptions(address), autoIndex: false, autoCreate: false, bufferCommands: false };
    const connection = await createConnection(mongodbUri, options).asPromise();
    freeHangingHeartbeats(connection.getClient(), heartbeatPatienceMs(address));
    leaveIdlePoolsAlone(connection.getClient());
    return connection;
  } catch (error) {
    const hosts = mongodbUri.replace(/^[^:]+:\/\/(.*@)?/, '').replace(/\/.*$/s, '');
    const advice = 'start it, or set MONGODB_URI to one that runs';
    throw new StartError(`MongoDB at ${hosts} cannot be used (${reasonOf(error)}): ${advice}.`, { cause: error });
  }
}

const defaultConnectTimeoutMs = 5_000;

/** Connecting and the first answer may each take that long. */
export function heartbeatPatienceMs({ mongodbConnectTimeoutMs = defaultConnectTimeoutMs }: MongoAddress): number {
  return 3 * mongodbConnectTimeoutMs;
}

/**
 * Writes wait for the journal of a majority: an order that was answered with 201 must outlive the server that took it. Reads ask
 * the primary, whatever the address says: a copy lags behind. One that has just become primary may do so too, for some seconds.
 */
export function driverOptions({ mongodbConnectTimeoutMs = defaultConnectTimeoutMs }: MongoAddress) {
  return {
    serverSelectionTimeoutMS: 2_000,
    connectTimeoutMS: mongodbConnectTimeoutMs,
    socketTimeoutMS: 10_000,
    waitQueueTimeoutMS: defaultConnectTimeoutMs,
    heartbeatFrequencyMS: 2_000,
    // An address may say `j` as well as `journal`. Below the time for the socket: a majority that lags is no reason to hang up.
    writeConcern: { w: 'majority', journal: true, j: true, wtimeoutMS: 8_000 },
    readPreference: 'primary',
    readConcernLevel: 'majority',
  } as const;
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

/**
 * NotWritablePrimary, ShutdownInProgress and their kin: the server answers, but cannot serve now, or not in time, or not as many
 * copies as are asked for. And it knows us no more (13, 18, 391), as while a password changes: that says nothing of the work. Or
 * writes are blocked, by a person or as the disk fills up (371), the disk is full (14031), or it has no more to give (365, 402).
 * 8000 is Atlas' own (no space left, as an example), 16500 that of Cosmos DB for more requests than were paid for.
 */
const unservingCodes = new Set([
  6, 7, 13, 18, 50, 64, 89, 91, 133, 134, 189, 262, 365, 371, 391, 402, 8_000, 9001, 10_107, 11_600, 11_601, 11_602,
  13_435, 13_436, 14_031, 16_500,
]);

/** What the server or the driver say of an error that is theirs, whatever its code. */
const outageLabels = ['RetryableWriteError', 'HandshakeError', 'SystemOverloadedError'];

/** The driver passes on as it is what a socket throws that was closed between its choice and the write. */
const brokenSocketCodes = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** An outage of MongoDB becomes `unavailable`; any other error is not ours to judge. */
export function mongoOutage(error: unknown): DomainError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  const buffering = error.name === 'MongooseError' && error.message.includes('initial connection');
  const broken = typeof code === 'string' && brokenSocketCodes.has(code);
  const unserving = (typeof code === 'number' && unservingCodes.has(code)) || isLabelled(error);
  if (!outages.has(error.name) && !broken && !unserving && !buffering && !isBrokenBulk(error)) return undefined;
  return new DomainError('unavailable', {
    code: 'database-unavailable',
    detail: 'The database does not answer. Try again soon.',
    retryAfterSeconds: 2,
    cause: error,
  });
}

function isLabelled(error: Error): boolean {
  const { errorLabels } = error as { errorLabels?: unknown };
  return Array.isArray(errorLabels) && outageLabels.some((label) => errorLabels.includes(label));
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
