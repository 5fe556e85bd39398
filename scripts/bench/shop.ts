import { createSample, type SampleOrder } from '../local/shop-api.ts';
import { type Server, startServer } from './processes.ts';
import type { World } from './world.ts';

/** Our orders service with the services that it asks, as it runs in production, and an order that it accepts. */
export interface Orders extends Server {
  readonly order: SampleOrder;
  readonly clients: Server;
  readonly products: Server;
}

interface Options {
  /** The database is named after it. */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

export async function startOrders(
  world: World,
  { name = 'orders', env, execArgv = [] }: Options = {},
): Promise<Orders> {
  const { logFolder, databaseUri, brokers } = world;
  const service = (of: string) =>
    startServer({ name: of, script: `services/${of}/src/main.ts`, env: { MONGODB_URI: databaseUri(of) }, logFolder });
  const [clients, products] = await Promise.all([service('clients'), service('products')]);
  const orders = await startServer({
    name,
    script: 'services/orders/src/main.ts',
    env: {
      MONGODB_URI: databaseUri(name),
      KAFKA_BROKERS: brokers,
      CLIENTS_URL: clients.url,
      PRODUCTS_URL: products.url,
      ...env,
    },
    logFolder,
    execArgv,
  });
  const order = await createSample({ orders: orders.url, clients: clients.url, products: products.url }, 1);
  return {
    ...orders,
    ...{ order, clients, products },
    async stop() {
      await orders.stop();
      await Promise.all([clients.stop(), products.stop()]);
    },
  };
}
