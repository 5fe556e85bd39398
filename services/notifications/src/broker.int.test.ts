import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '@shop/shared/log';
import { freePort } from '../../../scripts/embedded/free-port.ts';
import { findJava } from '../../../scripts/embedded/java.ts';
import { makeCertificate } from '../../../scripts/embedded/kafka/certificate.ts';
import { type RabbitServer, startRabbit } from '../../../scripts/embedded/rabbitmq.ts';
import { inTime } from '../../../scripts/testing/in-time.ts';
import { proxyOf } from '../../../scripts/testing/tcp-proxy.ts';
import { until } from '../../../scripts/testing/until.ts';
import { openSession, type Session, type Settlement } from './amqp.ts';
import { Broker } from './broker.ts';
import { listParked, retryParked } from './parking.ts';
import { type OutgoingTask, parkedHeaders, type Task } from './task.ts';
import { parkedQueue, retryQueue, taskExchange, taskKey, taskQueue } from './topology.ts';

const log = createLog('test', { logLevel: 'silent' });
const retryDelayMs = 500;
let folder: string;
let rabbit: RabbitServer;
const opened: (Session | Broker)[] = [];

async function start(port: number, configuration?: string): Promise<void> {
  rabbit = await startRabbit({ port, dataDir: join(folder, 'data'), ...(configuration && { configuration }) });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-'));
  await start(await freePort());
}, 120_000);
afterEach(async () => {
  for (const one of opened.splice(0)) await (one instanceof Broker ? one.stop({ timeoutMs: 1_000 }) : one.close());
});
afterAll(async () => {
  await rabbit?.stop();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function session(delayMs = retryDelayMs): Promise<Session> {
  const one = await openSession({ url: rabbit.url, retryDelayMs: delayMs, connectionName: 'test' });
  opened.push(one);
  return one;
}

let made = 0;
function task(lane: 'urgent' | 'normal' = 'normal'): OutgoingTask & { readonly messageId: string } {
  made += 1;
  const messageId = `task-${made}`;
  const key = taskKey(lane, retryDelayMs);
  return { exchange: taskExchange, key, messageId, value: Buffer.from(messageId), headers: { ce_id: messageId } };
}

/** A broker whose worker of one lane notes what comes. */
function workingBroker(
  answer: (task: Task) => Settlement,
  lane: 'urgent' | 'normal' = 'normal',
  url = () => rabbit.url,
) {
  const seen: Task[] = [];
  const broker = new Broker({
    ...{ url, retryDelayMs, connectionName: 'test', log },
    reconnect: { firstMs: 100, maxMs: 200 },
  });
  broker.consume({
    queue: taskQueue(lane),
    prefetch: 8,
    async handle(one) {
      seen.push(one);
      return answer(one);
    },
  });
  broker.start();
  opened.push(broker);
  return { broker, seen, idsSeen: () => seen.map(({ messageId }) => messageId) };
}

const connected = (broker: Broker) => until('the connection', () => broker.ping().then(() => true));

describe('a session', () => {
  it('refuses a message that no queue takes', async () => {
    const publishing = (await session()).publish({ ...task(), key: 'nowhere' });
    await expect(publishing).rejects.toMatchObject({ kind: 'unavailable', message: 'No queue takes nowhere.' });
  });

  it('says that RabbitMQ is away, and names no password', async () => {
    const nobody = openSession({ url: 'amqp://me:secret@127.0.0.1:9', retryDelayMs, connectionName: 'test' });
    await expect(nobody).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'RabbitMQ at 127.0.0.1:9 cannot be used.',
    });
  });
});

describe('a broker', () => {
  it('hands a task over with its id, bytes and headers, and not again once it is done', async () => {
    const { broker, seen } = workingBroker(() => 'done');
    await connected(broker);
    const one = task();
    await broker.publish(one);
    await until('the task', () => seen.length > 0);
    expect(seen).toMatchObject([{ messageId: one.messageId, value: one.value, headers: one.headers, failures: 0 }]);
    // What was not acknowledged is ready again once its connection is closed.
    await broker.stop({ timeoutMs: 1_000 });
    expect(await (await session()).depth(taskQueue('normal'))).toBe(0);
  });

  it('gives a failed task back after the delay, in its own lane, and counts', async () => {
    const { broker, seen } = workingBroker(({ failures }) => (failures < 2 ? 'retry' : 'done'), 'urgent');
    await connected(broker);
    const startedAt = performance.now();
    await broker.publish(task('urgent'));
    await until('three attempts', () => seen.length === 3);
    expect(performance.now() - startedAt).toBeGreaterThan(2 * retryDelayMs * 0.9);
    expect(seen.map(({ failures }) => failures)).toEqual([0, 1, 2]);
  });

  it('ends soon also when it is stopped while it takes up its queues, and what is done by then does not come again', async () => {
    const sender = await session();
    let stopped: Promise<void> | undefined;
    const broker = new Broker({ ...{ url: () => rabbit.url, retryDelayMs, connectionName: 'test', log } });
    for (const lane of ['urgent', 'normal'] as const)
      broker.consume({
        queue: taskQueue(lane),
        prefetch: 8,
        async handle() {
          stopped ??= broker.stop({ timeoutMs: 100 });
          return 'done';
        },
      });
    await sender.publish(task('urgent'));
    broker.start();
    opened.push(broker);
    await until('it is being stopped', () => stopped !== undefined);
    await inTime(5_000, Promise.resolve(stopped));
    expect(await sender.depth(taskQueue('urgent'))).toBe(0);
  });

  it('gives a failed task back once where the delay was another before', async () => {
    const formerDelayMs = 60_000;
    const former = await session(formerDelayMs);
    const { broker, seen } = workingBroker(({ failures }) => (failures === 0 ? 'retry' : 'done'));
    await connected(broker);
    await broker.publish(task());
    await until('the second attempt', () => seen.length === 2);
    expect(await former.depth(retryQueue(formerDelayMs))).toBe(0);
  });

  it('refuses tasks at once while RabbitMQ is away, and goes on by itself when it is back', async () => {
    const { broker, idsSeen } = workingBroker(() => 'done');
    await connected(broker);
    rabbit.kill();
    await rabbit.exited;
    await until('the outage', () =>
      broker.ping().then(
        () => false,
        () => true,
      ),
    );
    await expect(broker.publish(task())).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(broker.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    await start(Number(new URL(rabbit.url).port));
    await connected(broker);
    const one = task();
    await broker.publish(one);
    await until('the task', () => idsSeen().includes(one.messageId));
  }, 120_000);

  it('asks for the address anew for each connection', async () => {
    const addresses = ['amqp://127.0.0.1:9'];
    const url = () => addresses.shift() ?? rabbit.url;
    const { broker } = workingBroker(() => 'done', 'normal', url);
    await connected(broker);
  });

  it('ends soon though RabbitMQ has fallen silent', async () => {
    const { proxy, uri } = await proxyOf(rabbit.url);
    const url = () => uri;
    const { broker } = workingBroker(() => 'done', 'normal', url);
    await connected(broker);
    proxy.stall();
    await inTime(5_000, broker.stop({ timeoutMs: 100 }));
    await proxy.close();
  });

  it('finds every confirmed task again after RabbitMQ was killed', async () => {
    const sent = Array.from({ length: 50 }, () => task());
    const publisher = await session();
    await Promise.all(sent.map((one) => publisher.publish(one)));
    rabbit.kill();
    await rabbit.exited;
    opened.splice(0);
    await start(Number(new URL(rabbit.url).port));
    const { idsSeen } = workingBroker(() => 'done');
    await until('all tasks', () => sent.every(({ messageId }) => idsSeen().includes(messageId)));
  }, 120_000);

  it('works off what waits while RabbitMQ is out of memory and takes nothing more', async () => {
    const sent = Array.from({ length: 50 }, () => task());
    const publisher = await session();
    await Promise.all(sent.map((one) => publisher.publish(one)));
    const restart = async (configuration?: string) => {
      await rabbit.stop();
      await start(Number(new URL(rabbit.url).port), configuration);
    };
    await restart('vm_memory_high_watermark.absolute = 1MB\n');
    opened.splice(0);

    const { promise: refused, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const url = () => rabbit.url;
    const broker = new Broker({ url, retryDelayMs, connectionName: 'test', log, confirmTimeoutMs: 500 });
    const handle = async ({ messageId }: Task) => {
      await refused;
      seen.push(messageId);
      return 'done' as const;
    };
    broker.consume({ queue: taskQueue('normal'), prefetch: 8, handle });
    broker.start();
    opened.push(broker);
    await connected(broker);
    await expect(broker.publish(task('urgent'))).rejects.toMatchObject({ kind: 'unavailable' });
    resolve();
    await until('all tasks', () => seen.length >= sent.length);
    await broker.stop({ timeoutMs: 1_000 });
    await restart();
  }, 120_000);

  it('delivers again what a worker held when it died', async () => {
    const one = task();
    const dying = await session();
    await dying.consume(taskQueue('normal'), 1, () => new Promise(() => {}));
    await dying.publish(one);
    await until('that it is held', async () => (await dying.depth(taskQueue('normal'))) === 0);
    const { idsSeen } = workingBroker(() => 'done');
    await dying.close();
    opened.splice(opened.indexOf(dying), 1);
    await until('the task', () => idsSeen().includes(one.messageId));
  });
});

describe('a session over TLS', () => {
  it('trusts the authority of its file, as it is when it connects, and no other; so does the look at what is parked', async () => {
    const keytool = join((await findJava()).home, 'bin', 'keytool');
    const { keystore, caFile } = await makeCertificate(join(folder, 'tls'), keytool);
    const { port } = new URL(rabbit.url);
    const front = createServer({ pfx: await readFile(keystore.file), passphrase: keystore.password }, (near) => {
      const far = connect(Number(port), '127.0.0.1');
      pipeline(near, far, near, () => {});
    });
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const url = rabbit.url.replace('amqp:', 'amqps:').replace(`:${port}`, `:${(front.address() as AddressInfo).port}`);
    const mounted = join(folder, 'ca.crt');
    const open = (options: object) => openSession({ url, retryDelayMs, connectionName: 'test', ...options });
    await expect(open({})).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(open({ caFile: mounted })).rejects.toMatchObject({ kind: 'unavailable' });
    await copyFile(caFile, mounted);
    const over = await open({ caFile: mounted });
    await over.publish(task());
    await over.close();
    const parked = { url, retryDelayMs, caFile: mounted };
    expect(await listParked(parked)).toEqual([]);
    expect(await retryParked(parked, ['unknown'])).toEqual([]);
    front.close();
  }, 60_000);
});

describe('what is parked', () => {
  const why = { lane: 'urgent', code: 'address-refused', reason: 'no such mailbox', at: '2024-01-15', attempts: '1' };
  const park = async (from: Session) => {
    const one = task('urgent');
    await from.publish({ ...one, exchange: '', key: parkedQueue, headers: { ...one.headers, ...parkedHeaders(why) } });
    return one;
  };
  const target = () => ({ url: rabbit.url, retryDelayMs });

  it('is listed with the reason, as often as one likes, and goes back into its lane when it is asked for by id', async () => {
    const parker = await session();
    const [one, other] = [await park(parker), await park(parker)];
    for (let turn = 0; turn < 3; turn++)
      expect((await listParked(target())).map(({ id, code }) => [id, code])).toEqual([
        [one.messageId, 'address-refused'],
        [other.messageId, 'address-refused'],
      ]);

    expect(await retryParked(target(), [other.messageId, 'unknown'])).toEqual([other.messageId]);
    expect((await listParked(target())).map(({ id }) => id)).toEqual([one.messageId]);
    const { seen } = workingBroker(() => 'done', 'urgent');
    await until('the task', () => seen.length > 0);
    expect(seen).toMatchObject([{ messageId: other.messageId, headers: other.headers, value: other.value }]);
  });
});
