/** The producer on `@platformatic/kafka`, beside the one on kafkajs in connect.ts; docs/decisions/0010 says why no service uses it. */
import {
  type Connection,
  compatibilityPartitioner,
  type GenericError,
  Producer as RawProducer,
} from '@platformatic/kafka';
import { asError } from '../errors.ts';
import type { KafkaOptions } from './connect.ts';
import { connectionSecurity } from './platformatic-security.ts';
import { type Producer, type ProducerLife, ReconnectingProducer } from './producer.ts';
import type { OutgoingRecord } from './records.ts';
import { followSecurity } from './security.ts';
import type { KafkaSettings } from './settings.ts';

const connectTimeoutMs = 5_000;

/** The same as `connectKafka(…).producer()`. @throws ConfigurationError as that does */
export function platformaticProducer(
  settings: KafkaSettings,
  { clientId, log, timeoutMs }: KafkaOptions & { readonly timeoutMs: number },
): Producer {
  const security = followSecurity(settings, log);
  const open = (): ProducerLife => {
    const sockets = new Set<Connection['socket']>();
    let keyless = 0;
    const producer = new RawProducer<Buffer, Buffer, Buffer, Buffer>({
      clientId,
      bootstrapBrokers: settings.kafkaBrokers,
      connectTimeout: connectTimeoutMs,
      requestTimeout: timeoutMs,
      timeout: timeoutMs,
      retries: 2,
      retryDelay: 100,
      autocreateTopics: false,
      acks: -1,
      // Its default leaves Java's murmur2 with its sign, and both send everything without a key to partition 0.
      partitioner: (message, key) => (key ? compatibilityPartitioner(message, key) : keyless++),
      ...connectionSecurity(security),
    });
    producer.on('client:broker:connect', ({ connection }) => sockets.add(connection.socket));
    producer.on('client:broker:disconnect', ({ connection }) => sockets.delete(connection.socket));
    return {
      connect: () => producer.metadata({ topics: [] }).then(() => undefined, rethrow),
      async sendBatch(records, beginWrite) {
        // It does not say when it has its connections.
        beginWrite();
        await producer.send({ messages: records.map(messageOf) }).catch(rethrow);
      },
      disconnect: () => producer.close(),
      // `close` writes what it holds before it hangs up, and waits for a broker that takes nothing.
      kill: () => {
        for (const socket of sockets) socket.destroy();
        void producer.close(true).catch((error) => log.debug({ err: error }, 'could not close a producer'));
      },
    };
  };
  return new ReconnectingProducer({ open, log, timeoutMs });
}

function messageOf({ topic, key, value, headers }: OutgoingRecord) {
  return {
    topic,
    ...(key !== null && { key: bytes(key) }),
    ...(value !== null && { value: bytes(value) }),
    // Names as buffers of their own, so that one name may have several values.
    headers: new Map(
      Object.entries(headers).flatMap(([name, values]) =>
        [values].flat().map((one) => [Buffer.from(name), bytes(one ?? '')] as const),
      ),
    ),
  };
}

function bytes(text: Buffer | string): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** With the broker's own word for what is wrong where errors.ts looks for it. */
function rethrow(thrown: unknown): never {
  const error = asError(thrown) as Partial<GenericError> & Error;
  const answer = protocolErrorOf(error);
  throw Object.assign(new Error(answer?.message ?? error.message, { cause: error }), {
    ...(answer && { type: answer.apiId as string }),
  });
}

function protocolErrorOf(error: unknown): (Error & { readonly apiId?: unknown }) | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('apiId' in error) return error;
  const within = [...((error as { errors?: unknown[] }).errors ?? []), error.cause];
  for (const one of within) {
    const found = protocolErrorOf(one);
    if (found) return found;
  }
  return undefined;
}
