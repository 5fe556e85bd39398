import { createSample, type SampleOrder } from '../load/shop-api.ts';
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
  /** Whose clients and products are asked; their own are started without it. */
  readonly beside?: Orders | undefined;
}

export async function startOrders(world: World, { name = 'orders', beside }: Options = {}): Promise<Orders> {
  const { logFolder, databaseUri, brokers } = world;
  const service = (of: string) =>
    startServer({ name: of, script: `services/${of}/src/main.ts`, env: { MONGODB_URI: databaseUri(of) }, logFolder });
  const clients = beside?.clients ?? (await service('clients'));
  const products = beside?.products ?? (await service('products'));
  const orders = await startServer({
    ...{ name, script: 'services/orders/src/main.ts', logFolder },
    env: {
      MONGODB_URI: databaseUri(name),
      KAFKA_BROKERS: brokers,
      CLIENTS_URL: clients.url,
      PRODUCTS_URL: products.url,
    },
  });
  const order = await createSample({ orders: orders.url, clients: clients.url, products: products.url }, 1);
  return {
    ...orders,
    ...{ order, clients, products },
    async stop() {
      await orders.stop();
      if (!beside) await Promise.all([clients.stop(), products.stop()]);
    },
  };
}
