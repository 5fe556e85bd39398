/** The limit of payments: the two writes of a payment, and nothing else. Answers each message with payments per second. */
import mongoose, { Types } from 'mongoose';

const { MONGODB_URI = '', CONCURRENCY = '16' } = process.env;

const { connection } = await mongoose.connect(MONGODB_URI);
const payments = connection.collection('payments');

async function pay(): Promise<void> {
  const now = new Date();
  const _id = new Types.ObjectId();
  await payments.insertOne({
    _id,
    amountCents: 1_990,
    status: 'processing',
    version: 0,
    createdAt: now,
    updatedAt: now,
  });
  await payments.updateOne(
    { _id, version: 0 },
    { $set: { status: 'paid', chargeId: `ch_${_id}`, version: 1, updatedAt: now } },
  );
}

async function run(count: number): Promise<number> {
  let left = count;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: Number(CONCURRENCY) }, async () => {
      while (left-- > 0) await pay();
    }),
  );
  return count / ((performance.now() - startedAt) / 1_000);
}

process.on('message', async ({ count }: { count: number }) => process.send?.(await run(count)));
process.on('disconnect', () => process.exit());
