/**
 * Orders as a first version takes them: save, then await the send. What dies in between loses the
 * event; that is what its speed is bought with. Clients and products are not asked, as ours remembers them.
 */
import express from 'express';
import { Kafka } from 'kafkajs';
import mongoose from 'mongoose';
import { Order } from './order-model.ts';

const { MONGODB_URI = '', KAFKA_BROKERS = '', PORT } = process.env;
const topics: Record<string, string> = { PAGO: 'orders.paid', CANCELADO: 'orders.failed', FALHA: 'orders.failed' };

const kafka = new Kafka({
  clientId: 'orders-service',
  brokers: KAFKA_BROKERS.split(','),
  retry: { retries: 10, initialRetryTime: 300, multiplier: 2, maxRetryTime: 30_000 },
});
const producer = kafka.producer();

async function publishEvent(topic: string, data: { readonly orderId: string }): Promise<void> {
  await producer.send({ topic, messages: [{ key: data.orderId, value: JSON.stringify(data) }] });
}

await Promise.all([mongoose.connect(MONGODB_URI), producer.connect()]);
const app = express();
app.use(express.json());
app.get('/readyz', (_request, response) => {
  response.json({});
});
app.post('/v1/orders', async (request, response) => {
  const saved = await new Order({ ...request.body, clientName: 'João', status: 'PENDENTE' }).save();
  const { clientId, total, status, items, createdAt } = saved;
  const orderId = saved._id.toString();
  const event = { orderId, clientId, total, status, items, itemsCount: items.length, createdAt };
  await publishEvent('orders.created', event);
  response.status(201).json(saved);
});
app.patch('/v1/orders/:id', async (request, response) => {
  const { status } = request.body as { status: string };
  const updated = await Order.findByIdAndUpdate(request.params.id, { status }, { returnDocument: 'after' });
  const topic = topics[status];
  if (!updated || !topic) {
    response.status(404).end();
    return;
  }
  const { clientId, clientName, total, updatedAt } = updated;
  await publishEvent(topic, {
    orderId: updated._id.toString(),
    clientId,
    clientName,
    status,
    total,
    updatedAt,
  } as never);
  response.json(updated);
});
app.listen(Number(PORT), '127.0.0.1');
process.on('disconnect', () => process.exit());
