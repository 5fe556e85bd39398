/**
 * Names and attributes of messaging spans. These conventions are not stable yet; here are the names that were in use
 * with 1.43 and that viewers know.
 */
import type { SpanStart } from './tracer.ts';

const system = { 'messaging.system': 'kafka' };

interface Sent {
  readonly topic: string;
  readonly key: string | undefined;
}

/** A message on its way to Kafka, until it is acknowledged. */
export function sendSpan({ topic, key }: Sent): SpanStart {
  return {
    name: `send ${topic}`,
    kind: 'producer',
    attributes: {
      ...system,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
      'messaging.kafka.message.key': key,
      orderId: key,
    },
  };
}

interface Taken {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly attempt: number;
}

/** One attempt at a message. */
export function processSpan(group: string, { topic, partition, offset, key, attempt }: Taken): SpanStart {
  return {
    name: `process ${topic}`,
    kind: 'consumer',
    attributes: {
      ...system,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': group,
      'messaging.destination.partition.id': String(partition),
      'messaging.kafka.offset': Number(offset),
      'messaging.kafka.message.key': key ?? undefined,
      orderId: key ?? undefined,
      attempt,
    },
  };
}
