/** Payments as a first version has them: one message at a time, auto-commit, and an error is a line on the console. */
import { Kafka } from 'kafkajs';

const {
  KAFKA_BROKERS = '',
  PROVIDER_URL = '',
  TOPIC = 'orders.created',
  GROUP = 'payments-service-group',
} = process.env;

const kafka = new Kafka({
  clientId: 'payments-service',
  brokers: KAFKA_BROKERS.split(','),
  retry: { retries: 10, initialRetryTime: 300, multiplier: 2, maxRetryTime: 30_000 },
});
const consumer = kafka.consumer({ groupId: GROUP });

async function charge({ orderId, total }: { readonly orderId: string; readonly total: number }): Promise<void> {
  const response = await fetch(`${PROVIDER_URL}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `charge-${orderId}` },
    body: JSON.stringify({ orderId, amountCents: Math.round(total * 100), currency: 'BRL' }),
  });
  await response.json();
}

await consumer.connect();
await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    try {
      await charge(JSON.parse(String(message.value)));
    } catch (error) {
      console.error('Erro ao processar mensagem:', error);
    }
  },
});
process.on('disconnect', () => process.exit());
