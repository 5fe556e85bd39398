import { join } from 'node:path';
import {
  hostPorts,
  integer,
  optional,
  type Setting,
  secret,
  text,
  type Values,
} from '../../services/shared/src/env.ts';

const root = join(import.meta.dirname, '../..');

function movablePort(variable: string, fallback: string, owner: string): Setting<number> {
  return integer(variable, fallback, `port of ${owner}`, [1, 65_535]);
}

const mongodbUri: Setting<string> = {
  ...secret(
    text(
      'MONGODB_URI',
      undefined,
      'a MongoDB that is already there; each service has its own database, named after the one given here (shop)',
    ),
  ),
  parse(raw) {
    if (!/^mongodb(\+srv)?:\/\/[^/]+(\/[^/]*)?$/.test(raw))
      throw new Error('mongodb://HOST:PORT or mongodb+srv://HOST');
    return raw;
  },
};

/** What moves the shop that `npm start` runs. Every other variable goes to the services as it is. */
export const startSettings = {
  ordersPort: movablePort('ORDERS_PORT', '3001', 'orders'),
  clientsPort: movablePort('CLIENTS_PORT', '3002', 'clients'),
  productsPort: movablePort('PRODUCTS_PORT', '3003', 'products'),
  paymentsPort: movablePort('PAYMENTS_PORT', '3004', 'payments'),
  providerPort: movablePort('PROVIDER_PORT', '3010', 'the simulated payment provider'),
  lagControllerPort: movablePort('LAG_CONTROLLER_PORT', '3005', 'the lag controller'),
  notificationsPort: movablePort('NOTIFICATIONS_PORT', '3006', 'notifications'),
  kafkaPort: movablePort('KAFKA_PORT', '9092', 'Kafka, where npm start runs it'),
  mongodbPort: movablePort('MONGODB_PORT', '27017', 'MongoDB, where npm start runs it'),
  rabbitmqPort: movablePort('RABBITMQ_PORT', '5672', 'RabbitMQ, where there is one that npm start can run'),
  kafkaBrokers: optional(
    hostPorts('KAFKA_BROKERS', undefined, 'a Kafka that is already there: host:port, or several with commas between'),
  ),
  mongodbUri: optional(mongodbUri),
  amqpUrl: optional(secret(text('AMQP_URL', undefined, 'a RabbitMQ that is already there, for the notifications'))),
  paymentsReplicas: integer(
    'PAYMENTS_REPLICAS',
    '1',
    'processes of payments at the start; those beyond the first take free ports, and the lag controller changes their number',
    [1, 32],
  ),
  host: text('SHOP_HOST', '127.0.0.1', 'address that the services listen on; 0.0.0.0 opens them to the network'),
  dataDir: text('SHOP_DATA_DIR', join(root, '.data'), 'where data, logs and the lock are kept'),
} satisfies Record<string, Setting<unknown>>;

export type StartValues = Values<typeof startSettings>;

/** One line per variable, for --help. */
export function describeSettings(): string {
  return Object.values(startSettings)
    .map(({ variable, about, fallback }) => {
      const shown = fallback?.startsWith(root) ? fallback.slice(root.length + 1) : fallback;
      return `  ${variable.padEnd(18)} ${about}${shown === undefined ? '' : ` (${shown})`}`;
    })
    .join('\n');
}
