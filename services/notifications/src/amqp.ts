/** The one file that speaks to amqplib. */
import { readFile } from 'node:fs/promises';
import { asError, DomainError } from '@shop/shared/errors';
import { type ChannelModel, type ConfirmChannel, connect, type Message, type MessagePropertyHeaders } from 'amqplib';
import type { OutgoingTask, Task } from './task.ts';
import { queuesOf, retryExchange, taskExchange } from './topology.ts';

export interface SessionOptions {
  readonly url: string;
  /** PEM of the authority that signed RabbitMQ, read for each connection; `undefined` trusts the public ones. */
  readonly caFile?: string | undefined;
  readonly retryDelayMs: number;
  /** Shown in RabbitMQ's list of connections. */
  readonly connectionName: string;
  readonly confirmTimeoutMs?: number;
}

/** `retry` gives a task back: it comes again after the delay. */
export type Settlement = 'done' | 'retry';

/** One connection from its opening to its end; whoever wants to go on opens another one. */
export interface Session {
  /**
   * Resolves when a queue has it on disk.
   *
   * @throws DomainError `unavailable` when that is not known: it may be there all the same
   */
  readonly publish: (task: OutgoingTask) => Promise<void>;
  /** Hands tasks over, at most `prefetch` at once. What is not settled when the session ends comes again. */
  readonly consume: (queue: string, prefetch: number, handle: (task: Task) => Promise<Settlement>) => Promise<void>;
  /** The first message of a queue, which is held until it is taken or the session ends. */
  readonly get: (queue: string) => Promise<{ readonly task: Task; readonly take: () => void } | undefined>;
  /** How many messages wait in a queue. */
  readonly depth: (queue: string) => Promise<number>;
  /** Resolves when the connection is gone, with the reason where it is a fault. */
  readonly ended: Promise<Error | undefined>;
  /** No further tasks; those in hand can still be settled. */
  readonly cancel: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const connectTimeoutMs = 5_000;
const heartbeatSeconds = 10;

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'queue-unavailable', detail, cause });
}

/**
 * Connects, and declares what is missing.
 *
 * @throws DomainError `unavailable` when RabbitMQ does not answer, refuses the login, or has a queue of other arguments
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { url, caFile, connectionName, retryDelayMs } = options;
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(heartbeatSeconds));
  let connection: ChannelModel | undefined;
  try {
    connection = await connect(address.href, {
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: connectionName },
      ...(caFile !== undefined && { ca: [await readFile(caFile)] }),
    });
    const { ended, fail } = watch(connection);
    const channel = await connection.createConfirmChannel();
    channel.on('error', fail);
    await declare(channel, retryDelayMs);
    return sessionOf(connection, channel, { ...options, ended, fail });
  } catch (error) {
    connection?.close().catch(() => {});
    throw unavailable(`RabbitMQ at ${address.host} cannot be used.`, error);
  }
}

function watch(connection: ChannelModel) {
  const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>();
  let fault: Error | undefined;
  connection.on('error', (error) => {
    fault ??= error;
  });
  connection.on('close', (error) => resolve(fault ?? error));
  // A channel that broke leaves the connection as it is; a new one of both is simpler than to mend it.
  const fail = (error: Error) => {
    fault ??= error;
    connection.close().catch(() => resolve(fault));
  };
  return { ended, fail };
}

async function declare(channel: ConfirmChannel, retryDelayMs: number): Promise<void> {
  for (const exchange of [taskExchange, retryExchange])
    await channel.assertExchange(exchange, 'direct', { durable: true });
  for (const { name, arguments: arguments_, bindings } of queuesOf(retryDelayMs)) {
    await channel.assertQueue(name, { durable: true, arguments: arguments_ });
    for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
  }
}

interface SessionState extends SessionOptions {
  readonly ended: Promise<Error | undefined>;
  readonly fail: (error: Error) => void;
}

function sessionOf(connection: ChannelModel, channel: ConfirmChannel, state: SessionState): Session {
  const consumers: { channel: ConfirmChannel; tag: string }[] = [];
  const channels: ConfirmChannel[] = [];
  let closing: Promise<void> | undefined;
  /** An acknowledgement is sure to be sent before the end of its own channel, but not before that of the connection. */
  async function closeInOrder(): Promise<void> {
    await Promise.allSettled(channels.map(async (own) => own.close()));
    await connection.close();
  }
  return {
    publish: publisher(channel, state.confirmTimeoutMs ?? 10_000),
    async consume(queue, prefetch, handle) {
      const own = await connection.createConfirmChannel();
      channels.push(own);
      own.on('error', state.fail);
      await own.prefetch(prefetch);
      const { consumerTag } = await own.consume(queue, (message) => {
        if (message === null) state.fail(new Error(`RabbitMQ ended the consumer of ${queue}`));
        else void settle(own, message, handle(taskOf(message, queue)));
      });
      consumers.push({ channel: own, tag: consumerTag });
    },
    async get(queue) {
      const message = await channel.get(queue, { noAck: false });
      return message ? { task: taskOf(message, queue), take: () => channel.ack(message) } : undefined;
    },
    depth: async (queue) => (await channel.checkQueue(queue)).messageCount,
    ended: state.ended,
    cancel: async () => void (await Promise.all(consumers.map((consumer) => consumer.channel.cancel(consumer.tag)))),
    close() {
      closing ??= closeInOrder();
      return closing;
    },
  };
}

async function settle(channel: ConfirmChannel, message: Message, settlement: Promise<Settlement>): Promise<void> {
  const answer = await settlement.catch(() => 'retry' as const);
  try {
    if (answer === 'done') channel.ack(message);
    else channel.nack(message, false, false);
  } catch {
    // The channel is gone meanwhile, and with it the task: it comes again.
  }
}

/** Each publishing has a number of its own, by which a returned message is told from those that found a queue. */
function publisher(channel: ConfirmChannel, timeoutMs: number): Session['publish'] {
  const returned = new Set<string>();
  let last = 0;
  // RabbitMQ returns a message that no queue took before it confirms it.
  channel.on('return', ({ properties }) => returned.add(properties.correlationId));
  return ({ exchange, key, messageId, value, headers }) => {
    last += 1;
    const correlationId = String(last);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(unavailable(`RabbitMQ did not confirm in ${timeoutMs} ms.`)), timeoutMs);
      const confirmed = (error: unknown) => {
        clearTimeout(timer);
        if (returned.delete(correlationId)) reject(unavailable(`No queue takes ${key}.`));
        else if (error) reject(unavailable('RabbitMQ did not take the task.', error));
        else resolve();
      };
      try {
        channel.publish(
          exchange,
          key,
          value,
          { persistent: true, mandatory: true, contentType: 'application/json', messageId, correlationId, headers },
          confirmed,
        );
      } catch (error) {
        confirmed(asError(error));
      }
    });
  };
}

function taskOf({ content, fields, properties }: Message, queue: string): Task {
  const headers: MessagePropertyHeaders = properties.headers ?? {};
  const texts = Object.entries(headers).filter(([, value]) => typeof value === 'string');
  return {
    key: fields.routingKey,
    messageId: String(properties.messageId ?? ''),
    value: content,
    headers: Object.fromEntries(texts),
    failures: failuresOf(headers, queue),
  };
}

/** RabbitMQ counts, per queue and reason, how often a message was dead-lettered. */
function failuresOf(headers: MessagePropertyHeaders, queue: string): number {
  const deaths = headers['x-death'] ?? [];
  return deaths.reduce((sum, death) => sum + (death.queue === queue ? Number(death.count) : 0), 0);
}
