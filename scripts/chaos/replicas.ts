/** What runs of orders, payments and notifications, each process with links of its own to everything it depends on. */
import { join } from 'node:path';
import { freePort } from '../embedded/free-port.ts';
import { serviceProgram } from '../local/service-process.ts';
import type { Program } from '../local/supervisor.ts';
import { Link } from './link.ts';
import { httpDialogue } from './wire/http.ts';
import { type Address, kafkaDialogue, type Route } from './wire/kafka.ts';
import { mongoDialogue } from './wire/mongo.ts';
import { unreadDialogue } from './wire/unread.ts';

export type Dependency = 'mongo' | 'kafka' | 'provider' | 'orders' | 'rabbitmq' | 'letters';

export interface Replica {
  readonly name: string;
  readonly service: 'orders' | 'payments' | 'notifications';
  readonly url: string;
  /** To Kafka one for each broker. */
  readonly links: Readonly<Partial<Record<Dependency, readonly Link[]>>>;
  readonly program: Program;
}

/** Where everything listens, without links. */
export interface Ports {
  /** Of each broker. */
  readonly kafka: readonly number[];
  readonly mongo: number;
  readonly clients: number;
  readonly products: number;
  readonly provider: number;
  readonly rabbitmq: number;
  readonly orders: readonly number[];
  readonly payments: readonly number[];
  readonly notifications: readonly number[];
}

/** Processes of each service; of payments the most. */
export type ReplicaCounts = Readonly<Record<Replica['service'], number>>;

export async function choosePorts(brokers: number, { orders, payments, notifications }: ReplicaCounts): Promise<Ports> {
  const free = new Set<number>();
  while (free.size < 5 + brokers + orders + payments + notifications) free.add(await freePort());
  const ports = [...free];
  const one = () => ports.pop() as number;
  return {
    ...{ mongo: one(), rabbitmq: one(), clients: one(), products: one(), provider: one() },
    kafka: ports.splice(0, brokers),
    orders: ports.splice(0, orders),
    payments: ports.splice(0, payments),
    notifications: ports,
  };
}

export function addressOf(port: number): Address {
  return { host: '127.0.0.1', port };
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Short patience everywhere, so that recovery takes seconds; the proportions are those of the defaults. */
const quick: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  HOST: '127.0.0.1',
  OUTBOX_LEASE_MS: '3000',
  OUTBOX_SWEEP_MS: '500',
  CONSUMER_SESSION_TIMEOUT_MS: '6000',
  PROVIDER_TIMEOUT_MS: '4000',
  ORDERS_TIMEOUT_MS: '4000',
  UNFINISHED_AFTER_MS: '20000',
  NOTIFICATION_RETRY_DELAY_MS: '1000',
  // Makes a lease of 19 s, longer than a process is frozen.
  NOTIFICATION_TIMEOUT_MS: '5000',
};

const webhookSecret = `whsec_${Buffer.alloc(24).toString('base64')}`;

export interface Sources {
  /** Of each service, its `main.ts`. */
  readonly main: (service: string) => string;
  /** For data and logs. */
  readonly folder: string;
}

/** A service's program; none of the settings that somebody has set for a shop of his own reaches it. */
export function programOf(
  { main, folder }: Sources,
  { name, service, port }: { name: string; service: string; port: number },
  env: Readonly<Record<string, string>>,
): Program {
  const { PATH = '', HOME = '' } = process.env;
  return serviceProgram({
    name,
    script: main(service),
    env: { PATH, HOME, ...quick, PORT: String(port), ...env },
    logFolder: join(folder, 'logs'),
    onAlert: () => {},
  });
}

export function brokerName(index: number): string {
  return `Kafka-${index + 1}`;
}

async function kafkaLinks(name: string, ports: readonly number[]): Promise<readonly Link[]> {
  const routes: Route[] = [];
  return Promise.all(
    ports.map((port, index) => {
      const target = addressOf(port);
      const dialogue = () => kafkaDialogue(routes);
      const link = new Link({ name: `${name} → ${brokerName(index)}`, target, dialogue });
      routes.push({ broker: target, link: () => link.address });
      return link.open();
    }),
  );
}

/** Opens the links of a process, and tells it where they are. */
async function serversOf({ name, service }: { name: string; service: string }, ports: Ports) {
  const mongo = new Link({ name: `${name} → MongoDB`, target: addressOf(ports.mongo), dialogue: mongoDialogue });
  const kafka = await kafkaLinks(name, ports.kafka);
  await mongo.open();
  return {
    links: { mongo: [mongo], kafka },
    settings: {
      MONGODB_URI: `mongodb://${mongo.authority}/shop_${service}`,
      KAFKA_BROKERS: kafka.map(({ authority }) => authority).join(),
    },
  };
}

function httpLink(name: string, to: string, port: number): Promise<Link> {
  return new Link({ name: `${name} → ${to}`, target: addressOf(port), dialogue: httpDialogue }).open();
}

export async function ordersReplica(sources: Sources, ports: Ports, index: number): Promise<Replica> {
  const name = `orders-${index + 1}`;
  const port = ports.orders[index] as number;
  const { links, settings } = await serversOf({ name, service: 'orders' }, ports);
  const program = programOf(
    sources,
    { name, service: 'orders', port },
    { ...settings, CLIENTS_URL: urlOf(ports.clients), PRODUCTS_URL: urlOf(ports.products) },
  );
  return { name, service: 'orders', url: urlOf(port), links, program };
}

export async function paymentsReplica(sources: Sources, ports: Ports, index: number): Promise<Replica> {
  const name = `payments-${index + 1}`;
  const port = ports.payments[index] as number;
  const { links, settings } = await serversOf({ name, service: 'payments' }, ports);
  const provider = await httpLink(name, 'provider', ports.provider);
  const orders = await httpLink(name, 'orders', ports.orders[index % ports.orders.length] as number);
  const program = programOf(
    sources,
    { name, service: 'payments', port },
    {
      ...settings,
      PROVIDER_URL: `http://${provider.authority}`,
      ORDERS_URL: `http://${orders.authority}`,
    },
  );
  return {
    name,
    service: 'payments',
    url: urlOf(port),
    links: { ...links, provider: [provider], orders: [orders] },
    program,
  };
}

/** What a replica of notifications reaches beside Kafka and the database. */
export interface Post {
  /** Whether there is a RabbitMQ. */
  readonly isQueued: boolean;
  /** Where the letters go. */
  readonly lettersPort: number;
}

export async function notificationsReplica(
  sources: Sources,
  ports: Ports,
  { isQueued, lettersPort }: Post,
  index: number,
): Promise<Replica> {
  const name = `notifications-${index + 1}`;
  const port = ports.notifications[index] as number;
  const { links, settings } = await serversOf({ name, service: 'notifications' }, ports);
  const letters = await httpLink(name, 'letters', lettersPort);
  const rabbitmq = new Link({
    name: `${name} → RabbitMQ`,
    target: addressOf(ports.rabbitmq),
    dialogue: unreadDialogue,
  });
  const program = programOf(
    sources,
    { name, service: 'notifications', port },
    {
      ...settings,
      CLIENTS_URL: urlOf(ports.clients),
      NOTIFICATION_CHANNEL: 'webhook',
      WEBHOOK_URL: `http://${letters.authority}/letters`,
      WEBHOOK_SECRET: webhookSecret,
      ...(isQueued && { AMQP_URL: `amqp://${(await rabbitmq.open()).authority}` }),
    },
  );
  const all = { ...links, letters: [letters], ...(isQueued && { rabbitmq: [rabbitmq] }) };
  return { name, service: 'notifications', url: urlOf(port), links: all, program };
}
