import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { startKafka } from '../../../../scripts/embedded/kafka.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { readSettings } from '../env.ts';
import { openTopic, type TopicFixture } from '../messaging/topic.fixture.ts';
import { connectKafka } from './connect.ts';
import { kafkaSettings } from './settings.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const nobody = 'nobody.example:9092';

jest.setTimeout(60_000);

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
    const kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: nobody }), {
      clientId: 'test',
      log: pino({ level: 'silent' }),
    });
    const since = Date.now();
    await expect(kafka.ping()).rejects.toMatchObject({ kind: 'unavailable', code: 'kafka-unavailable' });
    const producer = kafka.producer({ timeoutMs: 1_000 });
    await expect(producer.send([record('t', 'k', 'v')])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(Date.now() - since).toBeLessThan(4_500);
    await producer.close();
    await kafka.close();
  });

  it('is quiet when it has nothing to do: no warning, and few rounds of the event loop in a second', async () => {
    const script = `
      const { openTopic } = await import(${JSON.stringify(new URL('../messaging/topic.fixture.ts', import.meta.url))});
      const fixture = await openTopic(${JSON.stringify(brokers)});
      const member = fixture.consume({ handle: async () => 'applied' });
      await fixture.produce('k=v');
      while (!(await fixture.kafka.ping().then(() => true, () => false)));
      while ((await fixture.committed()) !== 1n);
      const rounds = () => performance.nodeTiming.uvMetricsInfo.loopCount;
      const before = rounds();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      console.log((rounds() - before) / 4);
      await fixture.close();`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH },
    });
    expect(stderr).toBe('');
    // About 120; a thousand where the client looks into its queues every millisecond. Processor time says less on a busy machine.
    expect(Number(stdout)).toBeLessThan(300);
  });

  it('speaks TLS and logs in by SCRAM', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-secure-'));
    const user = { name: 'orders', password: 'secret-of-orders' };
    const broker = await startKafka({
      port: await freePort(),
      dataDir,
      secure: { port: await freePort(), tls: true, users: [user] },
    });
    const connect = (password: string) =>
      connectKafka(
        readSettings(kafkaSettings, {
          KAFKA_BROKERS: broker.secure?.brokers.join(','),
          KAFKA_TLS: 'true',
          KAFKA_TLS_CA_FILE: broker.secure?.caFile,
          KAFKA_SASL_MECHANISM: 'scram-sha-512',
          KAFKA_SASL_USERNAME: user.name,
          KAFKA_SASL_PASSWORD: password,
        }),
        { clientId: 'test', log: pino({ level: 'silent' }) },
      );
    const [kafka, stranger] = [connect(user.password), connect('wrong')];
    try {
      // A broker's first handshake takes longer than a ping may.
      await until('the broker answers by TLS', () => kafka.ping().then(() => true));
      const [admin, producer] = [kafka.admin(), kafka.producer()];
      await admin.createTopics([{ topic: 't', partitions: 1, replicationFactor: 1 }]);
      await producer.send([record('t', 'k', 'v')]);
      expect((await admin.offsets('t'))[0]?.high).toBe(1n);
      await expect(stranger.ping()).rejects.toThrow(/SASL SCRAM SHA512 authentication failed/);
      await Promise.all([producer.close(), admin.close()]);
    } finally {
      await Promise.all([kafka.close(), stranger.close()]);
      await broker.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

function record(topic: string, key: string, value: string) {
  return { topic, key, value, headers: {} };
}
