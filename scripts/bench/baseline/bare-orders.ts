/** The limit of intake: Express and mongoose inserting the order's document, and nothing else. */
import express from 'express';
import mongoose from 'mongoose';
import { Order } from './order-model.ts';

const { MONGODB_URI = '', PORT } = process.env;

await mongoose.connect(MONGODB_URI);
const app = express();
app.use(express.json());
app.get('/readyz', (_request, response) => {
  response.json({});
});
app.post('/v1/orders', async (request, response) => {
  response.status(201).json(await Order.create({ ...request.body, clientName: 'João', status: 'PENDENTE' }));
});
app.listen(Number(PORT), '127.0.0.1');
process.on('disconnect', () => process.exit());
