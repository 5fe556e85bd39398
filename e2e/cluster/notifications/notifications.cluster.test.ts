/**
 * Clients are told through a RabbitMQ in the cluster: a shop of its own, as `npm run up --rabbitmq` makes it. Where
 * `rabbitmq:4.3` cannot be pulled, e2e/cluster/notifications/rabbitmq-stand-in is built under that name.
 */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mustRun } from '../../../scripts/embedded/run.ts';
import { createSample, type SampleOrder, type ShopUrls } from '../../../scripts/load/shop-api.ts';
import { call } from '../../../scripts/testing/call.ts';
import { closeAll } from '../../../scripts/testing/close-all.ts';
import { type SeenSpan, treeOf } from '../../../scripts/testing/trace-collector.ts';
import { until } from '../../../scripts/testing/until.ts';
import { kubectl } from '../cluster.ts';
import { imageTag } from '../shop/installed-shop.ts';
import { type PortForward, portForward } from '../shop/port-forward.ts';
import { makeDisk } from './node-disk.ts';
import { startTraceSink } from './trace-sink.ts';

jest.setTimeout(900_000);

const namespace = `notify-${randomBytes(3).toString('hex')}`;
const inNamespace = (...args: string[]) => kubectl(['--namespace', namespace, ...args]);
const npm = (script: string, ...flags: string[]) =>
  mustRun('npm', ['run', '--silent', script, '--', '--namespace', namespace, ...flags]);
/** Of the manifests, and of what stands in for the image. */
const rabbitUser = 999;

let removeDisk: () => Promise<void>;
const forwards: PortForward[] = [];
let shop: ShopUrls;
let sample: SampleOrder;
let seenSpans: () => Promise<SeenSpan[]>;

async function forward(what: string, port: number): Promise<string> {
  const opened = await portForward(what, port, { in: namespace });
  forwards.push(opened);
  return opened.url;
}

beforeAll(async () => {
  removeDisk = await makeDisk({ namespace, claim: 'data-rabbitmq-0', owner: rabbitUser });
  await npm(
    'up',
    ...['--kafka', join(dirname(process.env.SHOP_KAFKA ?? 'k8s/kafka/staging'), 'dev')],
    ...['--rabbitmq', 'k8s/rabbitmq/persistent', '--only', 'kafka,mongo,rabbitmq,charts'],
    ...['--values', 'e2e/cluster/notifications/values.yaml', '--tag', imageTag, '--timeout', '400'],
  );
  seenSpans = await startTraceSink(namespace);
  shop = {
    orders: await forward('service/orders', 3001),
    clients: await forward('service/clients', 3002),
    products: await forward('service/products', 3003),
  };
  sample = await createSample(shop, 1_000);
});

afterAll(async () => {
  await closeAll(
    ...forwards.map(({ close }) => close),
    () => npm('down', '--execute', '--keep-operators'),
    () => removeDisk?.(),
  );
});

async function paidOrder(order = sample, headers: Record<string, string> = {}): Promise<string> {
  const { id } = (await call(`${shop.orders}/v1/orders`, { body: order, headers })).body;
  const isPaid = async () => (await call(`${shop.orders}/v1/orders/${id}?wait=10`)).body.status === 'PAGO';
  await until(`${id} is paid`, isPaid, 120_000);
  return id;
}

async function scale(service: string, replicas: number): Promise<void> {
  await inNamespace('scale', `deployment/${service}`, `--replicas=${replicas}`);
  if (replicas > 0) await inNamespace('rollout', 'status', `deployment/${service}`, '--timeout=180s');
  else await inNamespace('wait', 'pod', '--for=delete', '-l', `app.kubernetes.io/name=${service}`, '--timeout=180s');
}

/** What notifications answers at a path: of whichever pod there is now. */
async function fromNotifications<T>(question: (url: string) => Promise<T>): Promise<T> {
  const opened = await portForward('deployment/notifications', 3006, { in: namespace });
  return await question(opened.url).finally(opened.close);
}

function untilTold(ids: readonly string[]): Promise<void> {
  return fromNotifications(async (url) => {
    for (const id of ids) {
      const isSent = async () => (await call(`${url}/v1/notifications/${id}`)).body.status === 'sent';
      await until(`${id} was told`, isSent, 120_000);
    }
  });
}

/** How many letters about each order are in the log of the pods that are there. */
async function letters(ids: readonly string[]): Promise<number[]> {
  const log = await inNamespace('logs', 'deployment/notifications', '--tail=-1');
  const lines = log.split('\n').filter((line) => line.includes('"client notified"'));
  return ids.map((id) => lines.filter((line) => line.includes(id)).length);
}

async function queued(url: string): Promise<number> {
  const lines = (await call(`${url}/metrics`)).text.split('\n');
  return lines
    .filter((line) => line.startsWith('notification_queue_messages{'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('notifications through RabbitMQ in a cluster', () => {
  it('tell the client of a paid order, once', async () => {
    const id = await paidOrder();
    await untilTold([id]);
    expect(await letters([id])).toEqual([1]);
    await until('it says so of its connections', async () => {
      const { body } = await fromNotifications((url) => call(`${url}/health`));
      return body.kafka === 'connected' && body.rabbitmq === 'connected';
    });
  });

  it('are the end of one trace, which begins with the request of the caller', async () => {
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    // Orders remembers clients and products that it has seen, and asks for these.
    const unseen = await createSample(shop, 1_000);
    await untilTold([await paidOrder(unseen, { traceparent: `00-${traceId}-${spanId}-01` })]);
    const whole = [
      'orders-service server POST /v1/orders',
      '  orders-service client GET /v1/clients/{id}',
      '    clients-service server GET /v1/clients/{id}',
      '  orders-service client GET /v1/products/{id}',
      '    products-service server GET /v1/products/{id}',
      '  orders-service producer send orders.created',
      '    payments-service consumer process orders.created',
      '      payments-service client PATCH /v1/orders/{id}',
      '        orders-service server PATCH /v1/orders/{id}',
      '          orders-service producer send orders.paid',
      '            notifications-service consumer process orders.paid',
      '              notifications-service client GET /v1/clients/{id}',
      '                clients-service server GET /v1/clients/{id}',
      '      payments-service client POST /charges',
      '        provider-service server POST /charges',
    ];
    let tree: string[] = [];
    await until('the whole trace', async () => {
      const spans = (await seenSpans()).filter((span) => span.traceId === traceId);
      tree = treeOf(spans, spanId);
      return tree.length >= whole.length;
    }).catch(() => {});
    expect(tree).toEqual(whole);
  });

  it('lose nothing that waits in RabbitMQ when its pod is deleted', async () => {
    await scale('notifications', 0);
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) ids.push(await paidOrder());
    // Whom to tell is not known then, so each task waits in RabbitMQ for its next attempt.
    await scale('clients', 0);
    await scale('notifications', 1);
    await fromNotifications((url) => until('10 tasks wait', async () => (await queued(url)) === ids.length, 120_000));
    await inNamespace('delete', 'pod', 'rabbitmq-0', '--timeout=180s');
    await inNamespace('rollout', 'status', 'statefulset/rabbitmq', '--timeout=300s');
    expect(await letters(ids)).toEqual(ids.map(() => 0));
    await scale('clients', 1);
    await untilTold(ids);
    expect(await letters(ids)).toEqual(ids.map(() => 1));
  });
});
