import { databaseBehind } from '@shop/shared/mongo/behind';
import { type Connection, isDuplicateKey } from '@shop/shared/mongo/connect';
import { type Model, Schema, Types } from 'mongoose';
import { outcomes } from './notification.ts';
import type { Begin, Notification, NotificationStore } from './ports.ts';

type NotificationDocument = Omit<Notification, 'orderId'> & {
  readonly _id: Types.ObjectId;
  /** Nobody else may send it before. */
  readonly leaseUntil: Date;
};

const notificationSchema = new Schema(
  {
    eventId: { type: String, required: true },
    outcome: { type: String, enum: outcomes, required: true },
    status: { type: String, enum: ['sending', 'sent'], required: true },
    attempts: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    sentAt: Date,
    leaseUntil: { type: Date, required: true },
  },
  { strict: 'throw', versionKey: false },
);

/** Notifications in MongoDB under their order's id: no other index is needed. */
export function mongoNotificationStore(connection: Connection): NotificationStore {
  const model = connection.model(
    'Notification',
    notificationSchema,
    'notifications',
  ) as unknown as Model<NotificationDocument>;
  const { collection } = model;
  const idOf = (orderId: string) => new Types.ObjectId(orderId);

  async function takeOver(orderId: string, now: Date, until: Date): Promise<Begin> {
    const taken = await model
      .findOneAndUpdate(
        { _id: idOf(orderId), status: 'sending', leaseUntil: { $lte: now } },
        { $set: { leaseUntil: until }, $inc: { attempts: 1 } },
        { returnDocument: 'after' },
      )
      .lean<NotificationDocument>()
      .exec();
    if (taken) return { state: 'begun', attempt: taken.attempts };
    const present = await model.findById(orderId).lean<NotificationDocument>().exec();
    if (!present) throw databaseBehind('The notification');
    return present.status === 'sent' ? { state: 'sent' } : { state: 'busy' };
  }

  return {
    async begin({ orderId, eventId, outcome }, { now, until }) {
      const first = { eventId, outcome, status: 'sending', attempts: 1, createdAt: now, leaseUntil: until };
      try {
        await collection.insertOne({ _id: idOf(orderId), ...first } as object);
        return { state: 'begun', attempt: 1 };
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return takeOver(orderId, now, until);
      }
    },

    async renew(orderId, attempt, until) {
      const { matchedCount } = await collection.updateOne(
        { _id: idOf(orderId), status: 'sending', attempts: attempt },
        { $set: { leaseUntil: until } },
      );
      return matchedCount === 1;
    },

    async finish(orderId, now) {
      await collection.updateOne(
        { _id: idOf(orderId), status: 'sending' },
        { $set: { status: 'sent', sentAt: now, leaseUntil: now } },
      );
    },

    async release(orderId, attempt, now) {
      await collection.updateOne(
        { _id: idOf(orderId), status: 'sending', attempts: attempt },
        { $set: { leaseUntil: now } },
      );
    },

    async find(orderId) {
      const document = await model.findById(orderId).lean<NotificationDocument>().exec();
      if (!document) return undefined;
      const { _id, leaseUntil: _, ...rest } = document;
      return { ...rest, orderId: _id.toHexString() };
    },
  };
}
