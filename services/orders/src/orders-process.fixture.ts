/** Orders as a process, with real clients and products beside it, for the tests of its HTTP interface. */
import { randomUUID } from 'node:crypto';
import { partitionCount, topics } from '@shop/shared/contracts/topics';
import { readSettings } from '@shop/shared/env';
import { connectKafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import type { SampleOrder } from '../../../scripts/load/shop-api.ts';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import {
  type Environment,
  killServices,
  type ServiceProcess,
  startService,
} from '../../../scripts/testing/service-process.ts';

/** For hooks that start or stop a fixture. */
export const fixtureTimeoutMs = 60_000;

/** Client, product and order, as the contract's walk-through prints them. */
export const walkThrough = {
  client: `{
    "name": "João",
    "email": "joao@test.com",
    "phone": "11999999999",
    "cpf": "12345678901"
  }`,
  product: `{
    "name": "Produto",
    "description": "Desc",
    "price": 100,
    "quantity": 10
  }`,
  order: `{
    "clientId": "CLIENT_ID",
    "items": [{
      "productId": "PRODUCT_ID",
      "quantity": 1,
      "price": 100
    }],
    "total": 100,
    "payments": [{
      "typePaymentId": 1,
      "amount": 100
    }]
  }`,
  change: '{"status": "PAGO"}',
};

interface Testing {
  readonly brokers: string;
  readonly mongodb: string;
  /** For clients and products alone. */
  readonly catalog?: Environment;
  /** With which the client and the product are created. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class OrdersFixture {
  readonly clients: ServiceProcess;
  readonly products: ServiceProcess;
  /** An order that is accepted as it is. */
  readonly order: SampleOrder;
  readonly #environment: Environment;
  #orders: ServiceProcess | undefined;

  private constructor(clients: ServiceProcess, products: ServiceProcess, order: SampleOrder, environment: Environment) {
    this.clients = clients;
    this.products = products;
    this.order = order;
    this.#environment = environment;
  }

  static async open(
    { brokers, mongodb, catalog = {}, headers = {} }: Testing,
    environment: Environment = {},
  ): Promise<OrdersFixture> {
    await createTopics(brokers);
    const run = randomUUID().slice(0, 8);
    const database = (name: string) => ({ MONGODB_URI: `${mongodb}/${name}-${run}` });
    const [clients, products] = await Promise.all([
      startService('clients', { ...database('clients'), LOG_LEVEL: 'debug', ...catalog }),
      startService('products', { ...database('products'), LOG_LEVEL: 'debug', ...catalog }),
    ]);
    const { client, product, order } = walkThrough;
    const clientId = (await call(`${clients.url}/v1/clients`, { body: client, headers })).body.id;
    const productId = (await call(`${products.url}/v1/products`, { body: product, headers })).body.id;
    const body = JSON.parse(order.replace('CLIENT_ID', clientId).replace('PRODUCT_ID', productId)) as SampleOrder;
    return new OrdersFixture(clients, products, body, {
      ...database('orders'),
      KAFKA_BROKERS: brokers,
      CLIENTS_URL: clients.url,
      PRODUCTS_URL: products.url,
      // One that is away refuses at once; a machine that stands still for a moment must not look like it.
      CATALOG_TIMEOUT_MS: '20000',
      LOG_LEVEL: 'debug',
      ...environment,
    });
  }

  /** One more process of orders on the same database; the first is the one that the calls below go to. */
  async start(environment: Environment = {}): Promise<ServiceProcess> {
    const orders = await startService('orders', { ...this.#environment, ...environment });
    this.#orders ??= orders;
    return orders;
  }

  get orders(): ServiceProcess {
    if (!this.#orders) throw new Error('orders was not started');
    return this.#orders;
  }

  get(path: string, orders = this.orders): Promise<Answer> {
    return call(orders.url + path);
  }

  place(body: unknown = this.order, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return call(`${this.orders.url}/v1/orders`, { body, headers });
  }

  change(id: string, status: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return call(`${this.orders.url}/v1/orders/${id}`, { method: 'PATCH', body: { status }, headers });
  }

  close(): Promise<void> {
    return killServices();
  }
}

async function createTopics(brokers: string): Promise<void> {
  const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: brokers });
  const admin = connectKafka(settings, { clientId: 'test', log: createLog('test', { logLevel: 'silent' }) }).admin();
  await admin.createTopics(topics.map((topic) => ({ topic, partitions: partitionCount, replicationFactor: 1 })));
  await admin.close();
}
