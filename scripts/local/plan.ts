import { join } from 'node:path';
import type { StartValues } from './settings.ts';

export type ServiceName =
  | 'clients'
  | 'products'
  | 'provider'
  | 'orders'
  | 'payments'
  | 'notifications'
  | 'lag-controller';

/** Whoever makes work ends before whoever is needed for it, the servers last. */
export const stopOrder = [
  'lag-controller',
  'payments',
  'orders',
  'notifications',
  'clients',
  'products',
  'provider',
  'RabbitMQ',
  'Kafka',
  'MongoDB',
] as const;

export interface ServicePlan {
  readonly name: ServiceName;
  readonly port: number;
  /** Where it is reached from this machine, without a slash at its end. */
  readonly url: string;
  /** Only what is decided here; the rest of the environment is handed on. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly services: Readonly<Record<ServiceName, ServicePlan>>;
  readonly brokers: readonly string[];
  /** Without the service's own database name in it. */
  readonly mongodbUri: string;
  /** Where RabbitMQ is, if there is one. */
  readonly amqpUrl: string;
  readonly folders: {
    readonly kafka: string;
    readonly mongo: string;
    readonly rabbitmq: string;
    readonly provider: string;
    readonly logs: string;
  };
  readonly lockFile: string;
}

/** Everything that follows from the settings: addresses, folders, and what each service is told. */
export function planShop(settings: StartValues): Plan {
  const { host, dataDir } = settings;
  const mongodbUri = settings.mongodbUri ?? `mongodb://127.0.0.1:${settings.mongodbPort}`;
  const brokers = settings.kafkaBrokers ?? [`127.0.0.1:${settings.kafkaPort}`];
  const folders = {
    kafka: join(dataDir, 'kafka'),
    mongo: join(dataDir, 'mongo'),
    rabbitmq: join(dataDir, 'rabbitmq'),
    provider: join(dataDir, 'provider'),
    logs: join(dataDir, 'logs'),
  };
  const url = (port: number) => `http://${reachableName(host)}:${port}`;
  const service = (name: ServiceName, port: number, env: Record<string, string>): ServicePlan => ({
    name,
    port,
    url: url(port),
    env: { HOST: host, PORT: String(port), ...env },
  });
  const ownDatabase = (name: string) => ({ MONGODB_URI: databaseUri(mongodbUri, name) });
  const kafka = { KAFKA_BROKERS: brokers.join(',') };
  return {
    services: {
      clients: service('clients', settings.clientsPort, ownDatabase('clients')),
      products: service('products', settings.productsPort, ownDatabase('products')),
      provider: service('provider', settings.providerPort, {
        PROVIDER_LEDGER_FILE: join(folders.provider, 'ledger.jsonl'),
      }),
      orders: service('orders', settings.ordersPort, {
        ...ownDatabase('orders'),
        ...kafka,
        CLIENTS_URL: url(settings.clientsPort),
        PRODUCTS_URL: url(settings.productsPort),
      }),
      payments: service('payments', settings.paymentsPort, {
        ...ownDatabase('payments'),
        ...kafka,
        ORDERS_URL: url(settings.ordersPort),
        PROVIDER_URL: url(settings.providerPort),
      }),
      notifications: service('notifications', settings.notificationsPort, {
        ...ownDatabase('notifications'),
        ...kafka,
        CLIENTS_URL: url(settings.clientsPort),
      }),
      'lag-controller': service('lag-controller', settings.lagControllerPort, {
        ...kafka,
        TARGET: 'processes',
        RECORD_FILE: join(folders.logs, 'decisions.jsonl'),
      }),
    },
    brokers,
    mongodbUri,
    amqpUrl: settings.amqpUrl ?? `amqp://127.0.0.1:${settings.rabbitmqPort}`,
    folders,
    lockFile: join(dataDir, 'run.lock'),
  };
}

/** The name under which this machine reaches what listens on `host`. */
function reachableName(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * The same server, and `NAME_service` as database, `shop_service` where the address names none. A login goes on being
 * checked where it was: at `authSource`, else at the database the address named, else at `admin`.
 */
export function databaseUri(uri: string, service: string): string {
  const [, server = '', path = '', query = ''] = /^([^:]+:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const options = new URLSearchParams(query);
  if (server.includes('@') && !options.has('authSource')) options.set('authSource', path || 'admin');
  const text = options.toString();
  return `${server}/${path || 'shop'}_${service}${text === '' ? '' : `?${text}`}`;
}
