import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../../../scripts/embedded/kafka.ts';
import { freeze } from '../../../../scripts/testing/freeze.ts';
import { inTime } from '../../../../scripts/testing/in-time.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { openTopic, sendTimeoutMs, type TopicFixture } from './topic.fixture.ts';

jest.setTimeout(90_000);

let dataDir: string;
let port: number;
let broker: KafkaServer;
let fixture: TopicFixture;

const start = async () => {
  broker = await startKafka({ port, dataDir });
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'consume-outages-'));
  port = await freePort();
  await start();
});
beforeEach(async () => {
  fixture = await openTopic(broker.brokers[0] ?? '');
});
afterEach(() => fixture.close());
afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Collects values and answers each, as a service that works. */
function collecting() {
  const seen: string[] = [];
  const handle = async ({ value }: { value: Buffer | null }) => {
    seen.push(String(value));
    return 'applied' as const;
  };
  return { seen, handle };
}

/** Fails when something was lost, or when a first delivery came out of order. */
function expectAll(seen: readonly string[], total: number): void {
  expect(seen.filter((value, index) => seen.indexOf(value) === index)).toEqual(
    Array.from({ length: total }, (_, index) => String(index)),
  );
}

describe('consume and send, when Kafka goes away', () => {
  it('go on after the broker was killed and came back, and lose nothing', async () => {
    const { seen, handle } = collecting();
    const member = fixture.consume({ handle });
    let sent = 0;
    let [stop, refused] = [false, 0];
    const sending = (async () => {
      while (!stop) {
        const send = fixture.produce(`k=${sent}`);
        // As a relay does: the next one follows only when this one is in Kafka.
        await send.then(
          () => {
            sent += 1;
          },
          () => {
            refused += 1;
          },
        );
        await sleep(10);
      }
    })();
    try {
      await until('more than twenty messages were handled', () => seen.length > 20);
      broker.kill();
      await broker.exited;
      await expect(fixture.kafka.ping()).rejects.toMatchObject({ kind: 'unavailable' });
      await until('a message was refused', () => refused > 0);
      await start();
      await until('Kafka answers', () => fixture.kafka.ping().then(() => true));
      const before = sent;
      await until('twenty more were sent', () => sent > before + 20);
    } finally {
      stop = true;
      await sending;
    }
    await until(
      'the last one was handled',
      async () => (await fixture.committed()) !== undefined && seen.includes(String(sent - 1)),
      40_000,
    );
    expectAll(seen, sent);
    expect(member.fatal).toEqual([]);
    await expect(member.live()).resolves.toBeUndefined();
  });

  it('go on after the broker was frozen for longer than the session, in the middle of requests', async () => {
    const { seen, handle } = collecting();
    const member = fixture.consume({ handle });
    await fixture.produce('k=0');
    await until('the message was handled', () => seen.length === 1);
    await freeze(broker.pid);
    try {
      await expect(inTime(2_500, fixture.kafka.ping())).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(inTime(sendTimeoutMs + 1_000, fixture.produce('k=1'))).rejects.toMatchObject({
        kind: 'unavailable',
      });
      await sleep(3_000);
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await until('Kafka takes messages again', () => fixture.produce('k=1', 'k=2').then(() => true));
    await until('the last one was handled', () => seen.includes('2'), 40_000);
    expectAll(seen, 3);
    expect(member.fatal).toEqual([]);
  });

  it('start while Kafka is down, and begin when it comes', async () => {
    const { topic, groupId } = fixture;
    broker.kill();
    await broker.exited;
    const later = await openTopic(broker.brokers[0] ?? '', { topic, groupId });
    try {
      const { seen, handle } = collecting();
      const member = later.consume({ handle });
      await expect(member.ready()).rejects.toThrow('was not joined yet');
      await sleep(1_000);
      await start();
      await until('the new broker takes a message', () => later.produce('k=0').then(() => true));
      await until('the message was handled', () => seen.length === 1, 40_000);
      await expect(member.ready()).resolves.toBeUndefined();
      expect(member.fatal).toEqual([]);
    } finally {
      await later.close();
    }
  });

  it('stop within their deadlines while Kafka is down', async () => {
    const { seen, handle } = collecting();
    const member = fixture.consume({ handle });
    await fixture.produce('k=0');
    await until('the message was handled', () => seen.length === 1);
    await freeze(broker.pid);
    try {
      const since = Date.now();
      await member.stop({ timeoutMs: 1_000 });
      await fixture.producer.close();
      expect(Date.now() - since).toBeLessThan(11_500);
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
  });
});
