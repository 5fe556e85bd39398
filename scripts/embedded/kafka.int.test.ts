import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Admin,
  Consumer,
  type ConsumerOptions,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { freePort } from './free-port.ts';
import { type KafkaOptions, type KafkaServer, startKafka } from './kafka.ts';

const timeoutMs = 120_000;
const running: KafkaServer[] = [];
let dataDir: string;

type Connection = Pick<ConsumerOptions<string, string, string, string>, 'bootstrapBrokers' | 'tls' | 'sasl'>;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
}, timeoutMs);

async function start(options: Partial<KafkaOptions> = {}): Promise<KafkaServer> {
  const server = await startKafka({ port: await freePort(), dataDir, ...options });
  running.push(server);
  return server;
}

async function createTopic(connection: Connection, topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'test', ...connection });
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  await admin.close();
}

async function send(connection: Connection, topic: string, value: string): Promise<void> {
  const producer = new Producer({
    clientId: 'test',
    serializers: stringSerializers,
    retries: 1,
    autocreateTopics: true,
    ...connection,
  });
  await producer.send({ messages: [{ topic, key: 'k', value }] });
  await producer.close();
}

async function read(connection: Connection, topic: string, count: number): Promise<(string | undefined)[]> {
  const groupId = `reader-${Date.now()}`;
  const consumer = new Consumer({ clientId: 'test', groupId, deserializers: stringDeserializers, ...connection });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
  const values: (string | undefined)[] = [];
  for await (const message of stream) {
    values.push(message.value);
    if (values.length === count) break;
  }
  await consumer.close(true);
  return values;
}

describe('startKafka', () => {
  it(
    'keeps topics and messages over a stop and over SIGKILL, on the same port',
    async () => {
      const first = await start();
      const connection = { bootstrapBrokers: first.brokers };
      const port = Number(first.brokers[0]?.split(':')[1]);
      await createTopic(connection, 'orders');
      await send(connection, 'orders', 'before the stop');
      await Promise.all([first.stop(), first.stop()]);
      await first.stop();
      expect(await first.exited).toEqual({ code: 0, signal: null });

      const second = await start({ port });
      await send(connection, 'orders', 'before the kill');
      second.kill();
      expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await second.stop();

      await start({ port });
      expect(await read(connection, 'orders', 2)).toEqual(['before the stop', 'before the kill']);
    },
    timeoutMs,
  );

  it(
    'creates no topic that nobody asked for',
    async () => {
      const { brokers } = await start();
      await expect(send({ bootstrapBrokers: brokers }, 'misspelt', 'x')).rejects.toThrow();
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
      expect(await admin.listTopics()).toEqual([]);
      await admin.close();
    },
    timeoutMs,
  );

  it(
    'asks for TLS and a SCRAM password on the second listener',
    async () => {
      const user = { name: 'orders', password: 'right-1' };
      const { secure } = await start({ secure: { port: await freePort(), tls: true, users: [user] } });
      const bootstrapBrokers = secure?.brokers ?? [];
      const ca = await readFile(secure?.caFile ?? '', 'utf8');
      const login = (password: string) => ({ mechanism: 'SCRAM-SHA-512', username: user.name, password }) as const;

      const connection = { bootstrapBrokers, tls: { ca }, sasl: login(user.password) };
      await createTopic(connection, 'secured');
      await send(connection, 'secured', 'hello');
      expect(await read(connection, 'secured', 1)).toEqual(['hello']);

      const refused = { retries: 0, connectTimeout: 2000, bootstrapBrokers };
      await expect(createTopic({ ...refused, tls: { ca }, sasl: login('wrong') }, 'x')).rejects.toThrow();
      await expect(createTopic({ ...refused, tls: {}, sasl: login(user.password) }, 'x')).rejects.toThrow();
      await expect(createTopic({ ...refused, tls: { ca } }, 'x')).rejects.toThrow();
    },
    timeoutMs,
  );

  it('names the port that is taken and the variable that moves it', async () => {
    const other = createServer().listen(await freePort(), '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      `Port ${port} for Kafka is taken: end the program that uses it, or set KAFKA_PORT to a free port.`,
    );
    other.close();
  });

  it(
    'says that the folder is in use while another broker serves it',
    async () => {
      await start();
      await expect(start()).rejects.toThrow(
        `${dataDir} is in use by another Kafka that still runs: stop that one first.`,
      );
    },
    timeoutMs,
  );

  it('refuses a folder that another version of Kafka has made', async () => {
    const storage = join(dataDir, 'storage');
    await mkdir(storage);
    await writeFile(join(storage, 'made-by-kafka-version'), '3.9.0\n');
    await expect(start()).rejects.toThrow(/was made by Kafka 3\.9\.0, this is 4\.\d+\.\d+: delete that folder/);
  });

  it(
    'leaves no process behind when the start is given up',
    async () => {
      const port = await freePort();
      const reason = new Error('not any more');
      await expect(start({ port, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const gone = new AbortController();
      const starting = start({ port, signal: gone.signal, onProgress: () => {} });
      setTimeout(() => gone.abort(reason), 1000);
      await expect(starting).rejects.toBe(reason);
      const again = await start({ port });
      expect(again.brokers).toEqual([`127.0.0.1:${port}`]);
    },
    timeoutMs,
  );
});
