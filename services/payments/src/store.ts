import { databaseBehind } from '@shop/shared/mongo/behind';
import { type Connection, isDuplicateKey } from '@shop/shared/mongo/connect';
import { gatheringInsert } from '@shop/shared/mongo/gathering-insert';
import { appendEntry, mongoOutbox, outboxFields, outboxIndex } from '@shop/shared/outbox/mongo-outbox';
import { freeLease, type OutboxPart, type OutboxStore } from '@shop/shared/outbox/outbox';
import { type Model, Schema, Types } from 'mongoose';
import { type Payment, paymentStatuses } from './payment.ts';
import type { PaymentEntry, PaymentStore } from './ports.ts';

type PaymentDocument = Omit<Payment, 'orderId'> & OutboxPart<PaymentEntry> & { readonly _id: Types.ObjectId };

const paymentSchema = new Schema(
  {
    amountCents: { type: Number, required: true },
    status: { type: String, enum: paymentStatuses, required: true },
    chargeId: String,
    declineReason: String,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    ...outboxFields,
  },
  { strict: 'throw', versionKey: false },
)
  .index({ createdAt: 1 }, { partialFilterExpression: { status: 'processing' }, name: 'unfinished' })
  .index(...outboxIndex);

function fromDocument({ _id, outbox: _, outboxSince: __, lease: ___, ...rest }: PaymentDocument): Payment {
  return { ...rest, orderId: _id.toHexString() };
}

function opened({ orderId, ...payment }: Payment): PaymentDocument {
  return { _id: new Types.ObjectId(orderId), ...payment, outbox: [], lease: freeLease(0) };
}

/** Payments in MongoDB under their order's id, and their duties. Indexes are made here; a start waits for them. */
export async function mongoPaymentStore(
  connection: Connection,
): Promise<{ store: PaymentStore; outbox: OutboxStore<PaymentEntry> }> {
  const model = connection.model('Payment', paymentSchema, 'payments') as unknown as Model<PaymentDocument>;
  await model.createIndexes();
  const { collection } = model;
  const insert = gatheringInsert(collection);
  const read = (orderId: string) => model.findById(orderId).lean<PaymentDocument>().exec();

  async function mustRead(orderId: string): Promise<PaymentDocument> {
    const document = await read(orderId);
    if (!document) throw databaseBehind('The payment');
    return document;
  }

  const store: PaymentStore = {
    async open(payment) {
      try {
        await insert(opened(payment));
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return fromDocument(await mustRead(payment.orderId));
      }
    },

    async find(orderId) {
      const document = await read(orderId);
      return document ? fromDocument(document) : undefined;
    },

    async decide(orderId, decide, { terms, now, traceparent, known }) {
      // Nobody has changed a payment of version 0: if it still is, its document is as it was opened.
      let document = known?.version === 0 ? opened(known) : await mustRead(orderId);
      for (;;) {
        const present = fromDocument(document);
        const decided = decide(present);
        if (!decided) return { payment: present, changed: false, claim: undefined };
        const { orderId: _, version, ...set } = decided.payment;
        const entry: PaymentEntry = { seq: version, ...decided.duty, ...(traceparent && { traceparent }) };
        const written = await appendEntry(collection, document, { set, entry, now, terms });
        if (written) return { payment: decided.payment, changed: true, claim: written.claim };
        document = await mustRead(orderId);
      }
    },

    async finishRefund(orderId, now) {
      await collection.updateOne(
        { _id: new Types.ObjectId(orderId), status: 'refunding' },
        { $set: { status: 'refunded', updatedAt: now } },
      );
    },

    async unfinished(before, limit, after) {
      const found = await model
        .find({
          status: 'processing',
          createdAt: { $lt: before, ...(after && { $gte: after.createdAt }) },
          // Not `$or` with a greater id: that could be answered by the index of the ids, which holds every payment there is.
          ...(after && { $nor: [{ createdAt: after.createdAt, _id: { $lte: new Types.ObjectId(after.orderId) } }] }),
        })
        // By an index of the times alone: it holds the unfinished only, and they are few enough to be sorted.
        .sort({ createdAt: 1, _id: 1 })
        .limit(limit)
        .lean<PaymentDocument[]>()
        .exec();
      return found.map(fromDocument);
    },
  };
  return { store, outbox: mongoOutbox<PaymentEntry>(collection) };
}
