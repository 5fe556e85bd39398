/**
 * The one file that opens clients of kafkajs, whose traps are worked around here, in the files that wrap what it returns, and
 * inside kafkajs itself by kafkajs-repairs.ts. Nothing of kafkajs but this file's `Kafka` leaves it.
 */
import {
  AssignerProtocol,
  type Batch,
  Kafka as Client,
  type KafkaConfig,
  type LogEntry,
  logLevel,
  type PartitionAssigner,
  Partitioners,
  type Consumer as RawConsumer,
} from 'kafkajs';
import { asError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Admin, createAdmin, type RawAdmin } from './admin.ts';
import { assignPartitions } from './assign-partitions.ts';
import { bootstrapServers } from './bootstrap-servers.ts';
import type { ConsumerLife, ConsumerListener, ConsumerOptions } from './consumer-life.ts';
import { encodableHeaders, fetchedHeaders } from './headers.ts';
import { writing } from './kafkajs-repairs.ts';
import { Ping, pingTimeoutMs } from './ping.ts';
import { type Producer, type ProducerLife, ReconnectingProducer } from './producer.ts';
import type { OutgoingRecord } from './records.ts';
import { followSecurity, type Login } from './security.ts';
import type { KafkaSettings } from './settings.ts';
import { Sockets } from './sockets.ts';

export interface Kafka {
  /** Connects in the background, and again after every outage. */
  readonly producer: (options?: { readonly timeoutMs?: number }) => PlacingProducer;
  /** One life of a consumer: `consume` puts the guarantees on top. */
  readonly consumer: (options: ConsumerOptions, listener: ConsumerListener) => ConsumerLife;
  readonly admin: () => Admin;
  /** Resolves when a broker answers now. @throws DomainError `unavailable` within about 1.5 seconds. */
  readonly ping: () => Promise<void>;
  /** Ends what `ping` keeps open; producers, consumers and admins are closed by their owners. */
  readonly close: () => Promise<void>;
}

export interface PlacingProducer extends Producer {
  /** Records with different answers can fail apart: the topic, with the partition once it has been sent to and there is a key. */
  readonly placeOf: (record: OutgoingRecord) => string;
}

export interface KafkaOptions {
  /** The service's name: shown in Kafka's logs, quotas and group members. */
  readonly clientId: string;
  readonly log: Logger;
}

type Use = 'produce' | 'consume' | 'administer' | 'ping';

const { MemberMetadata, MemberAssignment } = AssignerProtocol;
const plain = { version: 0, userData: Buffer.alloc(0) };
const connectTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;
const sendTimeoutMs = 10_000;
/** Given in full: kafkajs has other defaults where NODE_ENV is `test`. */
const retry = { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 };
const choosePartition = Partitioners.DefaultPartitioner();

/**
 * Opens nothing yet: a service starts while Kafka is down.
 *
 * @throws ConfigurationError when TLS files cannot be read or SASL settings are incomplete
 */
export function connectKafka(settings: KafkaSettings, { clientId, log }: KafkaOptions): Kafka {
  const { tls, sasl } = followSecurity(settings, log);

  const serversFor = bootstrapServers<Use>(settings.kafkaBrokers);

  /** A client for each use: two consumers of one kafkajs client would overwrite each other's positions. */
  const open = (use: Use, overrides: Partial<KafkaConfig> = {}) => {
    const sockets = new Sockets(tls);
    const client = new Client({
      clientId,
      brokers: serversFor(use),
      ...(sasl && { sasl: asRead(sasl) }),
      connectionTimeout: connectTimeoutMs,
      authenticationTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      enforceRequestTimeout: true,
      retry,
      socketFactory: sockets.open,
      logLevel: log.isLevelEnabled('trace') ? logLevel.DEBUG : logLevel.INFO,
      logCreator: () => logTo(log),
      ...overrides,
    });
    return { client, sockets };
  };

  const openProducer = (timeoutMs: number, partitionCounts: Map<string, number>): ProducerLife => {
    const { client, sockets } = open('produce', { requestTimeout: timeoutMs });
    // Not idempotent: kafkajs calls that mode experimental, and it would not save readers from duplicates, since a relay
    // that dies after a send sends again. Order holds because an order's next event waits for the last one's answer.
    const producer = client.producer({
      allowAutoTopicCreation: false,
      createPartitioner: () => (record) => {
        partitionCounts.set(record.topic, record.partitionMetadata.length);
        return choosePartition(record);
      },
      // Its own second attempt asks no broker that has answered the first. What a leader that moved to such a one was to be
      // sent is then not sent at all, and the call resolves. So each attempt is a call of ours, with all records.
      retry: { retries: 0 },
    });
    producer.on(producer.events.REQUEST_TIMEOUT, ({ payload }) => sockets.destroy(payload.broker));
    return {
      connect: () => producer.connect(),
      disconnect: () => producer.disconnect(),
      kill: () => sockets.close(),
      async sendBatch(records, beginWrite) {
        const topicMessages = [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, messages]) => ({
          topic,
          messages: messages.map(({ key, value, headers }) => ({ key, value, headers: encodableHeaders(headers) })),
        }));
        const writes: Promise<unknown>[] = [];
        const send = () => producer.sendBatch({ acks: -1, timeout: timeoutMs, topicMessages });
        await writing.run({ beginWrite, writes }, send).finally(() => Promise.allSettled(writes));
      },
    };
  };

  const openAdmin = (use: Use, overrides?: Partial<KafkaConfig>) => {
    const { client, sockets } = open(use, overrides);
    const admin = client.admin();
    admin.on(admin.events.REQUEST_TIMEOUT, ({ payload }) => sockets.destroy(payload.broker));
    return { admin, sockets };
  };

  // Who is refused asks the next server: that one is down is no outage.
  const pingRetry = { ...retry, retries: settings.kafkaBrokers.length - 1, maxRetryTime: 100 };
  const ping = new Ping(() =>
    openAdmin('ping', { connectionTimeout: 1_000, requestTimeout: pingTimeoutMs, retry: pingRetry }),
  );

  return {
    producer: ({ timeoutMs = sendTimeoutMs } = {}) => {
      const partitionCounts = new Map<string, number>();
      const open = () => openProducer(timeoutMs, partitionCounts);
      const { send, close } = new ReconnectingProducer({ open, log, timeoutMs });
      return { send, close, placeOf: (record) => placeOf(record, partitionCounts.get(record.topic)) };
    },
    consumer: (options, listener) => {
      const { client, sockets } = open('consume');
      return openConsumer(client, sockets, options, listener);
    },
    admin: () => createAdmin(openAdmin('administer').admin as unknown as RawAdmin, decodeAssignment),
    ping: () => ping.ask(),
    close: () => ping.close(),
  };
}

function placeOf({ topic, key, value }: OutgoingRecord, partitionCount: number | undefined): string {
  if (partitionCount === undefined || key === null) return topic;
  const partitionMetadata = Array(partitionCount).fill({});
  return `${topic}/${choosePartition({ topic, message: { key, value }, partitionMetadata })}`;
}

function openConsumer(client: Client, sockets: Sockets, options: ConsumerOptions, listener: ConsumerListener) {
  const { groupId, topic, sessionTimeoutMs, maxBytesPerPartition } = options;
  const consumer = client.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.min(1_000, sessionTimeoutMs / 6),
    rebalanceTimeout: sessionTimeoutMs,
    maxBytesPerPartition,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    partitionAssigners: [assigner],
    // A crashed consumer is replaced by a new one, by us; kafkajs' own restart can outlive a stop.
    retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 2_000, restartOnFailure: async () => false },
  });
  let running = false;
  listen(consumer, sockets, topic, listener, () => {
    running = false;
  });

  return {
    async start() {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      running = true;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        async eachBatch({ batch, resolveOffset, isRunning, isStale }) {
          // What is thrown here would end the consumer, for good where it is a TypeError.
          try {
            await listener.ready(batch.partition);
            if (!isRunning() || isStale()) return;
            if (listener.take(asFetch(batch))) resolveOffset(batch.messages.at(-1)?.offset ?? batch.lastOffset());
          } catch (thrown) {
            listener.crashed(asError(thrown));
          }
        },
      });
    },
    async commit(offsets: ReadonlyMap<number, bigint>) {
      await consumer.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
      );
      // kafkajs resolves without having committed when it is not running any more.
      if (!running) throw new Error('the consumer has stopped');
    },
    pause: (partitions: readonly number[]) => running && consumer.pause([{ topic, partitions: [...partitions] }]),
    resume: (partitions: readonly number[]) => running && consumer.resume([{ topic, partitions: [...partitions] }]),
    seek: (partition: number, offset: bigint) => running && consumer.seek({ topic, partition, offset: String(offset) }),
    async stop() {
      running = false;
      await consumer.disconnect();
    },
    kill: () => sockets.close(),
  } satisfies Record<keyof ConsumerLife, unknown> as ConsumerLife;
}

/** kafkajs' own one deals partitions also to members that did not ask for their topic: nobody reads those then. */
const assigner: PartitionAssigner = ({ cluster }) => ({
  name: 'RoundRobinAssigner',
  version: 0,
  async assign({ members }) {
    const subscribers = members.map(({ memberId, memberMetadata }) => ({
      memberId,
      topics: MemberMetadata.decode(memberMetadata)?.topics ?? [],
    }));
    await cluster.addMultipleTargetTopics(subscribers.flatMap(({ topics }) => topics));
    const shares = assignPartitions(subscribers, (topic) =>
      cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    );
    return [...shares].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({ ...plain, assignment }),
    }));
  },
  protocol: ({ topics }) => ({ name: 'RoundRobinAssigner', metadata: MemberMetadata.encode({ ...plain, topics }) }),
});

function listen(
  consumer: RawConsumer,
  sockets: Sockets,
  topic: string,
  listener: ConsumerListener,
  ended: () => void,
): void {
  const { GROUP_JOIN, REBALANCING, HEARTBEAT, STOP, CRASH, REQUEST_TIMEOUT } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => listener.joined(payload.memberAssignment[topic] ?? []));
  consumer.on(REBALANCING, () => listener.rebalancing());
  consumer.on(HEARTBEAT, () => listener.heartbeat());
  consumer.on(REQUEST_TIMEOUT, ({ payload }) => sockets.destroy(payload.broker));
  consumer.on(STOP, ended);
  consumer.on(CRASH, ({ payload }) => listener.crashed(payload.error));
}

function asFetch(batch: Batch) {
  return {
    partition: batch.partition,
    // Not in kafkajs' types: the offset that was asked for.
    from: BigInt((batch as Batch & { fetchedOffset: string }).fetchedOffset),
    next: BigInt(batch.lastOffset()) + 1n,
    records: batch.messages.map(({ offset, key, value, headers = {}, timestamp }) => ({
      offset: BigInt(offset),
      key,
      value,
      headers: fetchedHeaders(headers),
      timestamp: new Date(Number(timestamp)),
    })),
  };
}

function decodeAssignment(assignment: Buffer): Record<string, number[]> {
  return (assignment.length > 0 && MemberAssignment.decode(assignment)?.assignment) || {};
}

/** kafkajs asks for name and password at each login, and keeps what it makes of the mechanism in this object. */
function asRead({ mechanism, user }: Login): NonNullable<KafkaConfig['sasl']> {
  return {
    mechanism,
    get username() {
      return user().username;
    },
    get password() {
      return user().password;
    },
  } as NonNullable<KafkaConfig['sasl']>;
}

/** The client's own noise is for debugging: what matters of it is said where it is dealt with. */
function logTo(log: Logger) {
  return ({ namespace, log: { message, timestamp: _, logger: __, ...details } }: LogEntry) =>
    log.debug({ kafkajs: namespace, ...details }, message);
}
