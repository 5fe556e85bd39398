/** News of decided orders, as orders publishes it, without the shop that decides them. */
import { eventHeaders } from '../../services/shared/src/contracts/cloud-event.ts';
import { ordersFailed, ordersPaid, topics } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import { connectKafka, type Kafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';

/** A connection to a Kafka that has the shop's topics then. */
export async function openTopics(brokers: string): Promise<Kafka> {
  const log = createLog('test', { logLevel: 'silent' });
  const kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), { clientId: 'test', log });
  const admin = kafka.admin();
  await admin.createTopics(topics.map((topic) => ({ topic, partitions: 6, replicationFactor: 1 })));
  await admin.close();
  return kafka;
}

interface Decisions {
  readonly clientId: string;
  readonly count: number;
  /** Number of the first; no two decisions of a test share one. */
  readonly from?: number;
}

/** Decisions of one client's orders, every fifth of them bad news, and the first tenth sent again. @returns the orders */
export async function publishDecisions(kafka: Kafka, { clientId, count, from = 0 }: Decisions): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `64b0000000000000${String(from + i).padStart(8, '0')}`);
  const records = ids.map((orderId, i) => {
    const topic = i % 5 === 0 ? ordersFailed : ordersPaid;
    const status = topic === ordersPaid ? 'PAGO' : i % 2 === 0 ? 'CANCELADO' : 'FALHA';
    const event = {
      orderId,
      clientId,
      clientName: 'João Silva',
      status,
      total: 19.99,
      updatedAt: '2024-01-15T10:30:00Z',
    };
    return {
      topic,
      key: orderId,
      value: JSON.stringify(event),
      headers: eventHeaders({ topic, orderId, sequence: 2, time: new Date() }),
    };
  });
  const producer = kafka.producer();
  await producer.send(records);
  // What an outbox does after a crash.
  await producer.send(records.slice(0, Math.ceil(count / 10)));
  await producer.close();
  return ids;
}
