/** The whole shop as `npm start` runs it, on servers, ports and a folder of its own, with a link to everything it depends on. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newCluster, startKafka } from '../embedded/kafka.ts';
import { startMongo } from '../embedded/mongo.ts';
import { startRabbit } from '../embedded/rabbitmq.ts';
import type { Exit } from '../embedded/server-process.ts';
import { type Program, Supervisor } from '../local/supervisor.ts';
import {
  brokerName,
  choosePorts,
  notificationsReplica,
  ordersReplica,
  type Ports,
  type Post,
  paymentsReplica,
  programOf,
  type Replica,
  type ReplicaCounts,
  type Sources,
  urlOf,
} from './replicas.ts';
import { TopicReader } from './topic-reader.ts';

export const paymentsGroup = 'payments-service-group';
export const eventTopics = ['orders.created', 'orders.paid', 'orders.failed'];
export const deadLetterTopics = [
  'payments-service-group.orders.created.dlq',
  'notifications-service-group.orders.paid.dlq',
  'notifications-service-group.orders.failed.dlq',
];

const partitions = 6;
const longestPauseMs = 1_000;

export interface ShopOptions extends Sources, Post {
  readonly replicas: ReplicaCounts;
  /** Of Kafka: how many nodes there are, each of which has everything. */
  readonly brokers: number;
  /** Told of every process that ended by itself or came back. */
  readonly onNews: (news: 'ended' | 'back', name: string) => void;
}

interface Parts {
  readonly ports: Ports;
  readonly orders: readonly Replica[];
  readonly payments: readonly Replica[];
  readonly notifications: readonly Replica[];
  readonly servers: readonly Program[];
  readonly others: readonly Program[];
  readonly onNews: ShopOptions['onNews'];
}

export class Shop {
  readonly orders: readonly Replica[];
  readonly payments: readonly Replica[];
  readonly notifications: readonly Replica[];
  /** By name. */
  readonly brokers: readonly string[];
  /** Addresses without a link before them. */
  readonly urls: {
    readonly orders: string;
    readonly clients: string;
    readonly products: string;
    readonly provider: string;
  };
  readonly mongo: string;
  readonly reader: TopicReader;
  readonly #supervisor: Supervisor;
  #closed = false;
  readonly #servers: readonly Program[];
  readonly #others: readonly Program[];

  private constructor({ ports, orders, payments, notifications, servers, others, onNews }: Parts) {
    this.orders = orders;
    this.payments = payments;
    this.notifications = notifications;
    this.brokers = ports.kafka.map((_, index) => brokerName(index));
    this.#servers = servers;
    this.#others = others;
    this.urls = {
      orders: orders[0]?.url ?? '',
      clients: urlOf(ports.clients),
      products: urlOf(ports.products),
      provider: urlOf(ports.provider),
    };
    this.mongo = `mongodb://127.0.0.1:${ports.mongo}`;
    const addresses = ports.kafka.map((port) => `127.0.0.1:${port}`);
    this.reader = new TopicReader(addresses, partitions);
    this.#supervisor = new Supervisor({
      nowMs: () => performance.now(),
      // Kills come by the dozen here: nobody is to be away for half a minute because of them.
      pause: (ms, signal) => sleep(Math.min(ms, longestPauseMs), undefined, { signal }).catch(() => {}),
      report: ({ kind, name }) => onNews(kind, name),
    });
  }

  /** Every link is open then; nothing runs before {@link start}. */
  static async plan(options: ShopOptions): Promise<Shop> {
    const { folder, onNews, isQueued } = options;
    const ports = await choosePorts(options.brokers, options.replicas);
    const cluster = await newCluster(options.brokers);
    const { kafka, mongo, rabbitmq, clients, products, provider } = ports;
    const database = (service: string) => ({ MONGODB_URI: `mongodb://127.0.0.1:${mongo}/shop_${service}` });
    const program = (service: string, port: number, env: Record<string, string>) =>
      programOf(options, { name: service, service, port }, env);
    return new Shop({
      ports,
      orders: await Promise.all(ports.orders.map((_, index) => ordersReplica(options, ports, index))),
      payments: await Promise.all(ports.payments.map((_, index) => paymentsReplica(options, ports, index))),
      notifications: await Promise.all(
        ports.notifications.map((_, index) => notificationsReplica(options, ports, options, index)),
      ),
      servers: [
        ...kafka.map((port, index) => {
          const name = brokerName(index);
          const node = { port, dataDir: join(folder, name.toLowerCase()), member: { ...cluster, nodeId: index + 1 } };
          return server(name, (signal) => startKafka({ ...node, onProgress: () => {}, signal }));
        }),
        server('MongoDB', (signal) =>
          startMongo({ port: mongo, dataDir: join(folder, 'mongo'), onProgress: () => {}, signal }),
        ),
        ...(isQueued
          ? [
              server('RabbitMQ', (signal) =>
                startRabbit({ port: rabbitmq, dataDir: join(folder, 'rabbitmq'), onProgress: () => {}, signal }),
              ),
            ]
          : []),
      ],
      others: [
        program('provider', provider, { PROVIDER_LEDGER_FILE: join(folder, 'ledger.jsonl') }),
        program('clients', clients, database('clients')),
        program('products', products, database('products')),
      ],
      onNews,
    });
  }

  async start(payments = 1): Promise<void> {
    const run = (programs: readonly Program[]) => Promise.all(programs.map((each) => this.#supervisor.run(each)));
    await run(this.#servers);
    await this.reader.createTopics([...eventTopics, ...deadLetterTopics]);
    await run([...this.#others, ...[...this.orders, ...this.notifications].map(({ program }) => program)]);
    await this.scale(payments);
  }

  /** Stops the replicas of payments beyond `count` in order, and starts those that are missing. */
  async scale(count: number): Promise<void> {
    await Promise.all(
      this.payments.map(({ name, program }, index) => {
        const isThere = this.#supervisor.replicas(name).length > 0;
        if (index < count) return isThere ? undefined : this.#runWhateverHappens(program);
        return isThere ? this.#supervisor.scale(name, 0) : undefined;
      }),
    );
  }

  /** A supervisor gives up what never ran; here it may only be that the database is away just now. */
  async #runWhateverHappens(program: Program): Promise<void> {
    while (!this.#closed && !(await this.#supervisor.run(program).then(isDone, isNotDone))) await sleep(longestPauseMs);
  }

  /** Of orders, payments and notifications, those that run now. */
  get running(): Replica[] {
    return this.#replicas.filter(({ name }) => this.pid(name) !== undefined);
  }

  get #replicas(): Replica[] {
    return [...this.orders, ...this.payments, ...this.notifications];
  }

  pid(name: string): number | undefined {
    return this.#supervisor.replicas(name)[0]?.pid;
  }

  /** False where it does not run just now. */
  signal(name: string, signal: NodeJS.Signals): boolean {
    const pid = this.pid(name);
    if (pid === undefined) return false;
    try {
      return process.kill(pid, signal);
    } catch {
      // It has ended at this very moment.
      return false;
    }
  }

  /** Ends a server as a crash does; resolves when it serves again. */
  async kill(name: string): Promise<void> {
    const pid = this.pid(name);
    if (!this.signal(name, 'SIGKILL')) return;
    while (this.pid(name) === undefined || this.pid(name) === pid) await sleep(100);
  }

  /** Ends a server in order, and starts it again after `awayMs`. */
  async restart(name: string, awayMs: number): Promise<void> {
    await this.#supervisor.scale(name, 0);
    await sleep(awayMs);
    await this.#supervisor.scale(name, 1);
  }

  /** Stops a process without ending it, as a machine does that is too busy; resolves when it goes on. */
  async freeze(name: string, forMs: number): Promise<void> {
    const pid = this.pid(name);
    if (!this.signal(name, 'SIGSTOP')) return;
    await sleep(forMs);
    // Another process may have its name by now, and was not stopped.
    if (this.pid(name) === pid) this.signal(name, 'SIGCONT');
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { name } of this.running) this.signal(name, 'SIGCONT');
    this.#supervisor.killAll();
    const links = this.#replicas.flatMap((replica) => Object.values(replica.links).flat());
    await Promise.all(links.map((link) => link.close()));
    await this.#supervisor.stopAll(
      [...this.#replicas, ...this.#others, ...this.#servers].map(({ name }) => name),
      (_, stop) => stop(),
    );
  }
}

const isDone = () => true;
const isNotDone = () => false;

interface StartedServer {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
}

function server(name: string, start: (signal: AbortSignal) => Promise<StartedServer>): Program {
  return {
    name,
    async start(_replica, signal) {
      const { pid, exited, stop, kill } = await start(signal);
      return { pid, stop, kill, ended: exited.then(({ signal: by, code }) => (by ? `by ${by}` : `with ${code}`)) };
    },
  };
}
