import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { until } from '../../../../scripts/testing/until.ts';
import { readSettings } from '../env.ts';
import { openTopic, type TopicFixture } from '../messaging/topic.fixture.ts';
import { connectKafka } from './connect.ts';
import { kafkaSettings } from './settings.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const nobody = 'nobody.example:9092';

jest.setTimeout(60_000);

const connectTo = (servers: string) =>
  connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: servers }), {
    clientId: 'test',
    log: pino({ level: 'silent' }),
  });

let fixture: TopicFixture;
beforeAll(async () => {
  fixture = await openTopic(brokers, 4);
});
afterAll(() => fixture.close());

describe('an admin', () => {
  it('tells «never committed» from zero, and moves a group', async () => {
    const { admin, topic } = fixture;
    const group = `moved-${randomUUID()}`;
    const committed = async () => (await admin.offsets(topic, group)).map((partition) => partition.committed);
    expect(await committed()).toEqual([undefined, undefined, undefined, undefined]);
    expect((await admin.describeGroup(group)).state).toBe('Dead');
    await admin.setOffsets(group, topic, new Map([[0, 0n]]));
    expect(await committed()).toEqual([0n, undefined, undefined, undefined]);
    expect(await admin.groups()).toContain(group);
    await admin.deleteGroup(group);
    expect(await admin.groups()).not.toContain(group);
  });

  it('creates what is missing, adds partitions, and says what is wrong with a request', async () => {
    const { admin } = fixture;
    const topic = `topic-${randomUUID()}`;
    const wanted = { topic, partitions: 2, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } };
    expect(await admin.createTopics([wanted])).toEqual([topic]);
    expect(await admin.createTopics([wanted])).toEqual([]);
    await admin.addPartitions(topic, 3);
    const described = (await admin.topics()).find((one) => one.topic === topic);
    expect(described?.partitions.map(({ partition, leader }) => [partition, leader])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    await expect(admin.addPartitions(topic, 2)).rejects.toMatchObject({ kind: 'unprocessable' });
    await expect(admin.offsets('no-such-topic')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(admin.createTopics([{ ...wanted, topic: 'bad name' }])).rejects.toMatchObject({
      kind: 'unprocessable',
    });
  });
});

describe('a connection', () => {
  it('says soon that nobody is there, and needs nobody to be made', async () => {
    const kafka = connectTo(nobody);
    const since = Date.now();
    await expect(kafka.ping()).rejects.toMatchObject({ kind: 'unavailable', code: 'kafka-unavailable' });
    const producer = kafka.producer({ timeoutMs: 1_000 });
    await expect(producer.send([record('t', 'k', 'v')])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - since).toBeLessThan(4_500);
    await producer.close();
    await kafka.close();
  });

  it('sends and asks though the first of the servers takes connections and answers nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const first = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const kafka = connectTo(`${first},${brokers}`);
    const producer = kafka.producer({ timeoutMs: 2_000 });
    try {
      const send = () => producer.send([record(fixture.topic, 'k', 'v')], { timeoutMs: 2_000 }).then(() => true);
      await until('it is sent', send, 20_000);
      await until('a ping is answered', () => kafka.ping().then(() => true), 10_000);
    } finally {
      await producer.close();
      await kafka.close();
      silent.close();
    }
  });

  it('is there for a ping though the first of the servers is down', async () => {
    const kafka = connectTo(`127.0.0.1:1,${brokers}`);
    await kafka.ping();
    await kafka.close();
  });

  it('is quiet when it has nothing to do: no warning, and few rounds of the event loop in a second', async () => {
    const script = `
      const { openTopic } = await import(${JSON.stringify(new URL('../messaging/topic.fixture.ts', import.meta.url))});
      const fixture = await openTopic(${JSON.stringify(brokers)});
      const member = fixture.consume({ handle: async () => 'applied' });
      await fixture.produce('k=v');
      const { until } = await import(${JSON.stringify(new URL('../../../../scripts/testing/until.ts', import.meta.url))});
      await until('Kafka answers', () => fixture.kafka.ping().then(() => true));
      await until('it is committed', async () => (await fixture.committed()) >= 1n);
      const rounds = () => performance.nodeTiming.uvMetricsInfo.loopCount;
      const before = rounds();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      console.log((rounds() - before) / 4);
      await fixture.close();`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH },
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    expect(stderr).toBe('');
    // About 120; a thousand where the client looks into its queues every millisecond. Processor time says less on a busy machine.
    expect(Number(stdout)).toBeLessThan(300);
  });
});

function record(topic: string, key: string, value: string) {
  return { topic, key, value, headers: {} };
}
