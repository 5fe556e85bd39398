/**
 * The whole shop in processes of its own, on a Kafka of its own: topics and groups have fixed names, so two shops cannot
 * share one. MongoDB is the test run's, with fresh databases.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryLine, LedgerLine, OrderLine } from '../../scripts/chaos/history.ts';
import { eventLine, positionLine } from '../../scripts/chaos/topic-lines.ts';
import { TopicReader } from '../../scripts/chaos/topic-reader.ts';
import { faultsOf } from '../../scripts/chaos/verdict.ts';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { type Answer, call } from '../../scripts/testing/call.ts';
import { inChunks } from '../../scripts/testing/in-chunks.ts';
import { type Environment, killServices } from '../../scripts/testing/service-process.ts';
import { proxyOf, TcpProxy } from '../../scripts/testing/tcp-proxy.ts';
import { Replica } from './replica.ts';

export const paymentsGroup = 'payments-service-group';
export const deadLetters = 'payments-service-group.orders.created.dlq';
const eventTopics = ['orders.created', 'orders.paid', 'orders.failed'];
const priceCents = 4_500_00;

export interface ShopOptions {
  readonly orders?: number;
  readonly payments?: number;
  readonly environment?: { readonly all?: Environment; readonly orders?: Environment; readonly payments?: Environment };
}

type Sample = { readonly clientId: string; readonly productId: string };

/** Short patience everywhere, so that recovery takes seconds. */
const quick = { OUTBOX_LEASE_MS: '2000', OUTBOX_SWEEP_MS: '200' };
const quickPayments = {
  ...quick,
  CONSUMER_SESSION_TIMEOUT_MS: '6000',
  PROVIDER_TIMEOUT_MS: '4000',
  ORDERS_TIMEOUT_MS: '2000',
};

export class Shop {
  readonly reader: TopicReader;
  readonly orders: Replica[] = [];
  readonly payments: Replica[] = [];
  readonly provider: Replica;
  /** Clients, then products. */
  readonly catalog: readonly Replica[];
  /** Between orders, payments and their databases, and between payments and the first of orders. */
  readonly proxies: {
    readonly ordersDatabase: TcpProxy;
    readonly paymentsDatabase: TcpProxy;
    readonly ordersApi: TcpProxy;
  };
  /** What was answered 201, and the order's total. */
  readonly accepted = new Map<string, number>();
  readonly #folder: string;
  #kafka: KafkaServer;
  #sample: Sample = { clientId: '', productId: '' };
  #turn = 0;

  private constructor(kafka: KafkaServer, folder: string, parts: Pick<Shop, 'provider' | 'proxies' | 'catalog'>) {
    this.#kafka = kafka;
    this.#folder = folder;
    this.reader = new TopicReader(kafka.brokers, 6);
    this.provider = parts.provider;
    this.proxies = parts.proxies;
    this.catalog = parts.catalog;
  }

  static async open({ orders = 1, payments = 1, environment = {} }: ShopOptions = {}): Promise<Shop> {
    const folder = await mkdtemp(join(tmpdir(), 'shop-e2e-'));
    const kafka = await startKafka({ port: await freePort(), dataDir: join(folder, 'kafka') });
    const run = randomUUID().slice(0, 8);
    const server = process.env.TEST_MONGODB_URI ?? '';
    const database = (name: string, uri = server) => ({
      ...environment.all,
      MONGODB_URI: `${uri}/e2e_${run}_${name}`,
    });
    const [clientsPort, productsPort, providerPort, ...ports] = await freePorts(3 + orders + payments);
    const [ordersPorts, paymentsPorts] = [ports.slice(0, orders), ports.slice(orders)];
    const [ordersDatabase, paymentsDatabase] = [await proxyOf(server), await proxyOf(server)];
    const ordersApi = await new TcpProxy({ host: '127.0.0.1', port: ordersPorts[0] as number }).open();

    const clients = new Replica('clients', clientsPort as number, database('clients'));
    const products = new Replica('products', productsPort as number, database('products'));
    const provider = new Replica('provider', providerPort as number, {
      ...environment.all,
      PROVIDER_LEDGER_FILE: join(folder, 'ledger'),
    });
    const shop = new Shop(kafka, folder, {
      provider,
      catalog: [clients, products],
      proxies: { ordersDatabase: ordersDatabase.proxy, paymentsDatabase: paymentsDatabase.proxy, ordersApi },
    });
    const common = { ...quick, KAFKA_BROKERS: kafka.brokers.join() };
    for (const port of ordersPorts)
      shop.orders.push(
        new Replica('orders', port, {
          ...common,
          ...database('orders', ordersDatabase.uri),
          CLIENTS_URL: clients.url,
          PRODUCTS_URL: products.url,
          ...environment.orders,
        }),
      );
    for (const port of paymentsPorts)
      shop.payments.push(
        new Replica('payments', port, {
          ...common,
          ...quickPayments,
          ...database('payments', paymentsDatabase.uri),
          ORDERS_URL: `http://${ordersApi.address}`,
          PROVIDER_URL: provider.url,
          ...environment.payments,
        }),
      );
    await shop.#start();
    return shop;
  }

  async #start(): Promise<void> {
    await this.reader.createTopics([...eventTopics, deadLetters]);
    // Not all at once: on a machine with two cores each would be too slow for those that wait for it.
    for (const some of [[...this.catalog, this.provider], this.orders, this.payments])
      await Promise.all(some.map((each) => each.start()));
    const [clients, products] = this.catalog.map(({ url }) => url);
    const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
    const product = { name: 'Notebook', description: '14 polegadas', price: priceCents / 100, quantity: 1_000 };
    this.#sample = {
      clientId: (await call(`${clients}/v1/clients`, { body: client })).body.id,
      productId: (await call(`${products}/v1/products`, { body: product })).body.id,
    };
  }

  async close(): Promise<void> {
    await killServices();
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
    await this.#kafka.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get brokers(): readonly string[] {
    return this.#kafka.brokers;
  }

  get sample(): Sample {
    return this.#sample;
  }

  async stopKafka(): Promise<void> {
    await this.#kafka.stop();
  }

  /** The same Kafka again: port, topics and messages. */
  async startKafka(): Promise<void> {
    const [broker = ''] = this.#kafka.brokers;
    this.#kafka = await startKafka({ port: Number(broker.split(':')[1]), dataDir: join(this.#folder, 'kafka') });
  }

  /** One `POST /v1/orders`; what is accepted is remembered. */
  async tryPlace(orders: Replica, quantity = 1, headers: Record<string, string> = {}): Promise<Answer> {
    const { clientId, productId } = this.#sample;
    const total = (quantity * priceCents) / 100;
    const items = [{ productId, quantity, price: priceCents / 100 }];
    const body = { clientId, items, total, payments: [{ typePaymentId: 1, amount: total }] };
    const answer = await call(`${orders.url}/v1/orders`, { body, headers });
    if (answer.status === 201) this.accepted.set(answer.body.id, quantity * priceCents);
    return answer;
  }

  /** Places an order as a careful caller does: under one key, at any of orders, again until it is answered. */
  async place(quantity = 1): Promise<string> {
    const headers = { 'idempotency-key': randomUUID() };
    const deadline = Date.now() + 30_000;
    for (;;) {
      this.#turn += 1;
      const orders = this.orders[this.#turn % this.orders.length] as Replica;
      const isLast = Date.now() > deadline;
      const answer = await this.tryPlace(orders, quantity, headers).catch(() => undefined);
      if (answer?.status === 201) return answer.body.id;
      if ((answer && answer.status !== 503) || isLast)
        throw new Error(`the order was not accepted: ${answer?.text ?? 'no answer'}`);
      await sleep(100);
    }
  }

  placeMany(count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.place()));
  }

  order(id: string, waitSeconds = 0): Promise<Answer> {
    return call(`${this.orders[0]?.url}/v1/orders/${id}?wait=${waitSeconds}`);
  }

  cancel(id: string): Promise<Answer> {
    return call(`${this.orders[0]?.url}/v1/orders/${id}`, { method: 'PATCH', body: { status: 'CANCELADO' } });
  }

  payment(id: string): Promise<Answer> {
    return call(`${this.payments[0]?.url}/v1/payments/${id}`);
  }

  /** Replaces how the provider behaves; `{}` is well. */
  async misbehave(behaviour: object): Promise<void> {
    await call(`${this.provider.url}/faults`, { method: 'PUT', body: behaviour });
  }

  async ledger(id?: string): Promise<LedgerLine[]> {
    const { body } = await call(`${this.provider.url}/ledger?limit=10000`);
    const items = body.items as unknown as Omit<LedgerLine, 'kind'>[];
    const entries = items.map((item) => ({ ...item, kind: 'ledger' as const }));
    return id === undefined ? entries : entries.filter(({ orderId }) => orderId === id);
  }

  async #seen([id, totalCents]: [string, number]): Promise<OrderLine> {
    const { body, status, text } = await this.order(id);
    if (status !== 200) throw new Error(`GET of an order was answered ${status}: ${text}`);
    return {
      kind: 'order',
      id,
      totalCents,
      status: body.status as string,
      version: body.version as number,
      unsent: 0,
    };
  }

  /** The status of each order, in the order of the ids. */
  async statuses(ids: readonly string[]): Promise<string[]> {
    const seen = await inChunks(ids, 50, (id) => this.#seen([id, this.accepted.get(id) ?? 0]));
    return seen.map(({ status }) => status);
  }

  async #history(expectedDeadLetters: number): Promise<HistoryLine[]> {
    const positions = await this.reader.positions(paymentsGroup, 'orders.created');
    const orders = await inChunks([...this.accepted], 50, (each) => this.#seen(each));
    const records = await this.reader.records([...eventTopics, deadLetters]);
    return [
      { kind: 'run', seed: 0, expectedDeadLetters },
      ...orders,
      ...positions.map(positionLine),
      ...(await this.ledger()),
      ...records.flatMap(eventLine),
    ];
  }

  /** What the services said last, but for requests: shown where a test failed. */
  #lastWords(): string[] {
    return [...this.orders, ...this.payments].flatMap(({ name, process }) =>
      process.lines
        .filter(({ msg }) => msg !== 'request' && !msg.startsWith('message'))
        .slice(-25)
        .map((line) => `${name} ${process.pid}: ${JSON.stringify(line).slice(0, 300)}`),
    );
  }

  /** What is still wrong when everything had time to come to rest; empty as soon as nothing is. */
  async faultsAtRest({ expectedDeadLetters = 0, timeoutMs = 45_000 } = {}): Promise<string[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      // Right after a start a broker may not answer for a group yet: that is a reason to ask again, not a verdict.
      const faults = await this.#history(expectedDeadLetters).then(faultsOf, (error) => [`no evidence: ${error}`]);
      if (faults.length === 0) return [];
      if (Date.now() > deadline) return [...faults, ...this.#lastWords()];
      await sleep(250);
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
