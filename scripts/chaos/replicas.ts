/** What runs of orders and payments, each process with links of its own to everything it depends on. */
import { join } from 'node:path';
import { freePort } from '../embedded/free-port.ts';
import { serviceProgram } from '../local/service-process.ts';
import type { Program } from '../local/supervisor.ts';
import { Link } from './link.ts';
import { httpDialogue } from './wire/http.ts';
import { type Address, kafkaDialogue } from './wire/kafka.ts';
import { mongoDialogue } from './wire/mongo.ts';

export type Dependency = 'mongo' | 'kafka' | 'provider' | 'orders';

export interface Replica {
  readonly name: string;
  readonly service: 'orders' | 'payments';
  readonly url: string;
  readonly links: Readonly<Partial<Record<Dependency, Link>>>;
  readonly program: Program;
}

/** Where everything listens, without links. */
export interface Ports {
  readonly kafka: number;
  readonly mongo: number;
  readonly clients: number;
  readonly products: number;
  readonly provider: number;
  readonly orders: readonly number[];
  readonly payments: readonly number[];
}

export async function choosePorts(orders: number, payments: number): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < 5 + orders + payments) ports.add(await freePort());
  const [kafka, mongo, clients, products, provider, ...rest] = [...ports] as [number, number, number, number, number];
  const others = rest as number[];
  return { kafka, mongo, clients, products, provider, orders: others.slice(0, orders), payments: others.slice(orders) };
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
};

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

/** Opens the links of a process. */
async function serversOf(name: string, ports: Ports): Promise<{ mongo: Link; kafka: Link }> {
  const broker = addressOf(ports.kafka);
  const mongo = new Link({ name: `${name} → MongoDB`, target: addressOf(ports.mongo), dialogue: mongoDialogue });
  const kafka = new Link({
    name: `${name} → Kafka`,
    target: broker,
    dialogue: (link) => kafkaDialogue(broker, link),
  });
  return { mongo: await mongo.open(), kafka: await kafka.open() };
}

function serverSettings(service: string, { mongo, kafka }: { mongo: Link; kafka: Link }) {
  return { MONGODB_URI: `mongodb://${mongo.authority}/shop_${service}`, KAFKA_BROKERS: kafka.authority };
}

export async function ordersReplica(sources: Sources, ports: Ports, index: number): Promise<Replica> {
  const name = `orders-${index + 1}`;
  const port = ports.orders[index] as number;
  const links = await serversOf(name, ports);
  const program = programOf(
    sources,
    { name, service: 'orders', port },
    { ...serverSettings('orders', links), CLIENTS_URL: urlOf(ports.clients), PRODUCTS_URL: urlOf(ports.products) },
  );
  return { name, service: 'orders', url: urlOf(port), links, program };
}

export async function paymentsReplica(sources: Sources, ports: Ports, index: number): Promise<Replica> {
  const name = `payments-${index + 1}`;
  const port = ports.payments[index] as number;
  const http = (to: string, target: number) =>
    new Link({ name: `${name} → ${to}`, target: addressOf(target), dialogue: httpDialogue }).open();
  const servers = await serversOf(name, ports);
  const provider = await http('provider', ports.provider);
  const orders = await http('orders', ports.orders[index % ports.orders.length] as number);
  const program = programOf(
    sources,
    { name, service: 'payments', port },
    {
      ...serverSettings('payments', servers),
      PROVIDER_URL: `http://${provider.authority}`,
      ORDERS_URL: `http://${orders.authority}`,
    },
  );
  return { name, service: 'payments', url: urlOf(port), links: { ...servers, provider, orders }, program };
}
