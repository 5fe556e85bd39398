import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { connectKafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { type KafkaOptions, type KafkaServer, startKafka } from '../../../../scripts/embedded/kafka.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { connectBrokers } from './connect.ts';
import { offsetsReader } from './offsets.ts';

jest.setTimeout(90_000);

const log = createLog('test', { logLevel: 'silent' });
const user = { name: 'lag-controller', password: 'secret-of-the-controller' };
const wanted = [{ name: 'one', group: 'g', topic: 't' }];

describe('a connection with TLS and SCRAM, as in staging', () => {
  let options: KafkaOptions;
  let broker: KafkaServer;

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-secure-'));
    const secure = { port: await freePort(), tls: true, users: [user] };
    options = { port: await freePort(), dataDir, secure };
    broker = await startKafka(options);
    const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: broker.brokers.join() });
    const kafka = connectKafka(settings, { clientId: 'test', log });
    const admin = kafka.admin();
    await admin.createTopics([{ topic: 't', partitions: 1, replicationFactor: 1 }]);
    await admin.close();
    await kafka.close();
  });
  afterAll(async () => {
    await broker.stop();
    await rm(options.dataDir, { recursive: true, force: true });
  });

  const connect = (password: string) =>
    connectBrokers(
      readSettings(kafkaSettings, {
        KAFKA_BROKERS: broker.secure?.brokers.join(),
        KAFKA_TLS: 'true',
        KAFKA_TLS_CA_FILE: broker.secure?.caFile,
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: user.name,
        KAFKA_SASL_PASSWORD: password,
      }),
      { clientId: 'test', log },
    );

  it('reads, says why not while the broker is away, and reads again when it is back', async () => {
    const reader = connect(user.password);
    try {
      const read = offsetsReader(reader);
      const one = async () => (await read(wanted)).get('one');
      const known = {
        partitions: [{ partition: 0, high: 0, low: 0, committed: null }],
        ...{ group: { state: 'Dead', members: 0 }, faults: [] },
      };
      const isRead = async () => (await one())?.faults.length === 0;
      await until('it is read', isRead);
      expect(await one()).toEqual(known);
      await broker.stop();
      expect(await one()).toEqual({ faults: [expect.stringContaining('Kafka does not answer')] });
      broker = await startKafka(options);
      await until('it is read again', isRead);
      expect(await one()).toEqual(known);
    } finally {
      await reader.close();
    }
  });

  it('is refused with a wrong password, which the sample says', async () => {
    const stranger = connect('wrong');
    try {
      const sample = (await offsetsReader(stranger)(wanted)).get('one');
      expect(sample).toEqual({
        faults: [expect.stringMatching(/^Kafka refuses the login at .*authentication failed/i)],
      });
      await expect(stranger.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await stranger.close();
    }
  });
});
