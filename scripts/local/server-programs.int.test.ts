import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../embedded/kafka.ts';
import { kafkaProgram } from './server-programs.ts';

const timeoutMs = 120_000;

describe('Kafka, whose folder that of a killed run still has', () => {
  let dataDir: string;
  let other: KafkaServer;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'shop-server-programs-'));
    other = await startKafka({ port: await freePort(), dataDir, onProgress: () => {} });
  }, timeoutMs);

  afterEach(async () => {
    await other.stop();
    await rm(dataDir, { recursive: true });
  }, timeoutMs);

  async function start(patienceMs: number, tell: (line: string) => void) {
    const unused = { mongo: '', rabbitmq: '', provider: '', logs: '' };
    const plan = { folders: { ...unused, kafka: dataDir } };
    const program = kafkaProgram({ kafkaPort: await freePort() }, plan, { tell, patienceMs });
    return program.start(1, new AbortController().signal);
  }

  it(
    'waits for it to end, and tells that',
    async () => {
      const told = Promise.withResolvers<string>();
      const starting = start(60_000, told.resolve);
      expect(await Promise.race([told.promise, starting])).toBe('waiting for that of the run that was killed to end');
      await other.stop();
      await (await starting).stop();
    },
    timeoutMs,
  );

  it(
    'does not wait where no run was killed',
    async () => {
      await expect(start(0, () => {})).rejects.toThrow('is in use by another Kafka that still runs');
    },
    timeoutMs,
  );
});
