import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, connectMongo } from '@shop/shared/mongo/connect';
import { Types } from 'mongoose';
import { inChunks } from '../testing/in-chunks.ts';
import { freePort } from './free-port.ts';
import { type MongoOptions, type MongoServer, startMongo } from './mongo.ts';

const timeoutMs = 60_000;
const fakeProgram = fileURLToPath(new URL('./mongo/fake-mongod.ts', import.meta.url));
const running: MongoServer[] = [];
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
}, timeoutMs);

async function start(options: Partial<MongoOptions> = {}): Promise<MongoServer> {
  const server = await startMongo({ port: await freePort(), dataDir, kind: 'mongo-java-server', ...options });
  running.push(server);
  return server;
}

async function withConnection<T>(server: MongoServer, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectMongo({ mongodbUri: `${server.uri}/test` });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

const insert = (server: MongoServer, numbers: number[]) =>
  withConnection(server, (connection) =>
    inChunks(numbers, 20, (number) => connection.collection('things').insertOne({ number })),
  );

const count = (server: MongoServer) =>
  withConnection(server, (connection) => connection.collection('things').countDocuments());

/** A program on PATH that calls itself mongod 8, and serves with what is at hand. */
async function fakeMongod(version: string): Promise<NodeJS.ProcessEnv> {
  const script = `#!/bin/sh
if [ "$1" = --version ]; then echo "db version v${version}"; exit 0; fi
exec "${process.execPath}" "${fakeProgram}" "$@"
`;
  await writeFile(join(folder, 'mongod'), script);
  await chmod(join(folder, 'mongod'), 0o755);
  // A mirror that nobody serves: what this machine could download must not decide the test.
  const MONGOMS_DOWNLOAD_MIRROR = 'https://127.0.0.1:9';
  return { ...process.env, HOME: folder, PATH: [folder, process.env.PATH].join(delimiter), MONGOMS_DOWNLOAD_MIRROR };
}

describe('startMongo', () => {
  it(
    'keeps every acknowledged write over a stop and over SIGKILL, on the same port',
    async () => {
      const first = await start();
      const port = Number(new URL(first.uri).port);
      await insert(first, [1, 2]);
      await Promise.all([first.stop(), first.stop()]);
      expect(await first.exited).toEqual({ code: 0, signal: null });

      const second = await start({ port });
      await insert(
        second,
        Array.from({ length: 200 }, (_, i) => i),
      );
      second.kill();
      await second.exited;

      const third = await start({ port });
      expect(await count(third)).toBe(202);
    },
    timeoutMs,
  );

  it(
    'tells ids of different kinds apart, and finds each again after a restart',
    async () => {
      const ids = [1, 2.5, '1', 'a longer name', new Types.ObjectId(), { part: 1 }, true, new Date(5)];
      const first = await start();
      await withConnection(first, (connection) =>
        connection
          .collection<{ _id: unknown; number: number }>('things')
          .insertMany(ids.map((_id, number) => ({ _id, number }))),
      );
      await first.stop();
      const found = await withConnection(await start(), (connection) =>
        Promise.all(
          ids.map((_id) =>
            connection
              .collection('things')
              .find({ _id } as object)
              .toArray(),
          ),
        ),
      );
      expect(found).toEqual(ids.map((_id, number) => [{ _id, number }]));
    },
    timeoutMs,
  );

  it(
    'loses no change of those that are made to the same documents at the same time',
    async () => {
      const server = await start();
      const [documents, changes, atOnce] = [8, 400, 40];
      await insert(
        server,
        Array.from({ length: documents }, (_, number) => number),
      );
      const totals = await withConnection(server, async (connection) => {
        const things = connection.collection('things');
        const change = (index: number) =>
          things.updateOne({ number: index % documents }, { $inc: { total: 1 }, $set: { [`at${index}`]: index } });
        const indexes = Array.from({ length: changes }, (_, index) => index);
        await inChunks(indexes, atOnce, change);
        return (await things.find().toArray()).map(({ total }) => total);
      });
      expect(totals).toEqual(Array.from({ length: documents }, () => changes / documents));
    },
    timeoutMs,
  );

  it(
    'finds by a partial index what matches it now, whatever was changed, removed, or there before a restart',
    async () => {
      const waiting = { since: { $exists: true } };
      const find = (server: MongoServer) =>
        withConnection(server, async (connection) => {
          const found = await connection.collection('things').find(waiting).sort({ since: 1 }).toArray();
          return found.map(({ number }) => number);
        });
      const first = await start();
      await insert(first, [1]);
      await withConnection(first, async (connection) => {
        const things = connection.collection('things');
        await things.insertOne({ number: 2, since: 5 });
        await things.createIndex({ since: 1 }, { partialFilterExpression: waiting });
        await things.insertMany([3, 4, 5].map((number) => ({ number, since: 10 - number })));
        await things.updateOne({ number: 1 }, { $set: { since: 9 } });
        await things.updateOne({ number: 4 }, { $unset: { since: 1 } });
        await things.deleteOne({ number: 3 });
        await things.updateMany(waiting, { $inc: { since: 1 } });
      });
      expect(await find(first)).toEqual([2, 5, 1]);
      await first.stop();
      expect(await find(await start())).toEqual([2, 5, 1]);
    },
    timeoutMs,
  );

  it(
    'gives the first of a partial index in its order, up or down, with what is asked of its other keys',
    async () => {
      const waiting = { since: { $exists: true } };
      await withConnection(await start(), async (connection) => {
        const things = connection.collection('things');
        const partial = { partialFilterExpression: waiting };
        await things.createIndex({ since: 1, 'lease.until': 1 }, partial);
        const make = (number: number) => ({ number, since: (7 * number) % 10, lease: { until: number % 3 } });
        await things.insertMany(Array.from({ length: 10 }, (_, number) => make(number)));
        await things.insertOne({ number: 10 });
        const first = async (filter: object, direction: 1 | -1 = 1) => {
          const found = things.find({ ...waiting, ...filter }, { projection: { _id: 0, number: 1 } });
          return (await found.sort({ since: direction }).limit(3).toArray()).map((thing) => Object.values(thing));
        };
        expect(await first({})).toEqual([[0], [3], [6]]);
        expect(await first({}, -1)).toEqual([[7], [4], [1]]);
        expect(await first({ 'lease.until': { $lte: 1 } })).toEqual([[0], [3], [6]]);
        expect(await first({ 'lease.until': { $gte: 1 } })).toEqual([[2], [5], [8]]);
        expect(await first({ number: { $gt: 5 } })).toEqual([[6], [9], [8]]);
        await things.updateOne({ number: 3 }, { $set: { 'lease.until': 2 } });
        expect(await first({ 'lease.until': { $lte: 1 } })).toEqual([[0], [6], [9]]);
        expect(await things.countDocuments(waiting)).toBe(10);
        expect(await things.countDocuments({ ...waiting, 'lease.until': 0 })).toBe(3);
      });
    },
    timeoutMs,
  );

  it(
    'names the port that is taken and the variable that moves it',
    async () => {
      const { uri } = await start();
      const port = Number(new URL(uri).port);
      await expect(start({ port, dataDir: join(folder, 'other') })).rejects.toThrow(
        `Port ${port} for MongoDB is taken: end the program that uses it, or set MONGODB_PORT to a free port.`,
      );
    },
    timeoutMs,
  );

  it(
    'says that the folder is in use while another server serves it',
    async () => {
      await start();
      await expect(start()).rejects.toThrow(/is in use by another MongoDB that still runs: stop that one first/);
    },
    timeoutMs,
  );

  it(
    'serves with the mongod on PATH',
    async () => {
      const server = await startMongo({ port: await freePort(), dataDir, env: await fakeMongod('8.2.6') });
      running.push(server);
      expect(server.kind).toBe('mongod');
      await insert(server, [1]);
      expect(await count(server)).toBe(1);
      await server.stop();
      expect((await server.exited).signal ?? 'SIGTERM').toBe('SIGTERM');
    },
    timeoutMs,
  );

  it(
    'takes mongo-java-server where mongod is too old and cannot be downloaded, and says so',
    async () => {
      const told: string[] = [];
      const env = await fakeMongod('3.6.8');
      const server = await startMongo({ port: await freePort(), dataDir, env, onProgress: (line) => told.push(line) });
      running.push(server);
      expect(server.kind).toBe('mongo-java-server');
      expect(told).toEqual([
        expect.stringMatching(/mongod is not used: version 3\.6 is older than 4\.4$/),
        expect.stringMatching(/^No mongod here \(.+\): mongo-java-server takes its place\.$/),
      ]);
    },
    timeoutMs,
  );

  it(
    'stays with the kind of server that made the folder, whatever appears on PATH later',
    async () => {
      await (await start()).stop();
      const env = await fakeMongod('8.2.6');
      const server = await startMongo({ port: await freePort(), dataDir, env });
      running.push(server);
      expect(server.kind).toBe('mongo-java-server');
      await server.stop();
      await expect(start({ kind: 'mongod', env })).rejects.toThrow(
        `${dataDir} was made by mongo-java-server, but mongod is asked for: delete that folder to begin anew, or set EMBEDDED_MONGODB=mongo-java-server.`,
      );
    },
    timeoutMs,
  );

  it(
    'does not quietly take another kind when a mongod is insisted on',
    async () => {
      const env = { ...(await fakeMongod('3.6.8')), EMBEDDED_MONGODB: 'mongod' };
      const starting = startMongo({ port: await freePort(), dataDir, env, onProgress: () => {} });
      await expect(starting).rejects.toThrow(/^There is no mongod on PATH and none can be downloaded \(.+\): install/);
    },
    timeoutMs,
  );
});
