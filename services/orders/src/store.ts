import { backoffMs } from '@shop/shared/backoff';
import { formatStatus, parseStatus, type StatusWord } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import { cutPage } from '@shop/shared/keyset';
import { type Connection, isDuplicateKey } from '@shop/shared/mongo/connect';
import { gatheringInsert } from '@shop/shared/mongo/gathering-insert';
import { appendEntry, mongoOutbox, outboxFields, outboxIndex } from '@shop/shared/outbox/mongo-outbox';
import { claimOf, newOutbox, type OutboxPart, type OutboxStore } from '@shop/shared/outbox/outbox';
import { pause } from '@shop/shared/pause';
import { type Model, Schema, Types } from 'mongoose';
import type { Order } from './order.ts';
import type { OrderEntry } from './order-event.ts';
import type { Idempotency, OrderStore } from './ports.ts';

/** As stored: whoever looks into the database sees the status words of the wire. */
interface OrderDocument extends Omit<Order, 'id' | 'status' | 'version'>, OutboxPart<OrderEntry> {
  readonly _id: Types.ObjectId;
  readonly status: StatusWord;
  readonly idempotency?: Idempotency;
}

const orderSchema = new Schema(
  {
    clientId: { type: String, required: true },
    clientName: { type: String, required: true },
    items: { type: [{ _id: false, productId: String, quantity: Number, priceCents: Number }], required: true },
    totalCents: { type: Number, required: true },
    payments: { type: [{ _id: false, typePaymentId: Number, amountCents: Number }], required: true },
    status: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    idempotency: { type: { key: String, fingerprint: String }, _id: false },
    ...outboxFields,
  },
  { strict: 'throw', versionKey: false },
)
  .index({ 'idempotency.key': 1 }, { unique: true, sparse: true })
  .index(...outboxIndex);

/** For the filters of a list: each would else read every order there is. */
const listIndexes: { key: Record<string, 1 | -1> }[] = [
  { key: { clientId: 1, _id: -1 } },
  { key: { status: 1, _id: -1 } },
];

const indexBackoff = { firstMs: 5_000, maxMs: 300_000 };

/** Enough for any number of relays at work on one order; more means that something else is wrong. */
const maxAttempts = 20;

function fromDocument({
  _id,
  status,
  outbox: _,
  outboxSince: __,
  lease: ___,
  idempotency: ____,
  ...rest
}: OrderDocument): Order {
  const parsed = parseStatus(status);
  if (!parsed) throw new Error(`order ${_id.toHexString()} has an unknown status`);
  return { ...rest, id: _id.toHexString(), status: parsed };
}

interface MongoOrders {
  readonly store: OrderStore;
  readonly outbox: OutboxStore<OrderEntry>;
  /**
   * Makes the indexes that lists are fast by, and asks again until they are there. A start must not wait for it: of a large
   * collection they take longer than the driver waits for any answer. MongoDB goes on after that, and makes none twice.
   */
  readonly makeListIndexes: (options: {
    readonly signal: AbortSignal;
    readonly onFailure: (error: unknown) => void;
  }) => Promise<void>;
}

/** Orders in MongoDB, and their outbox. The indexes that idempotency and the relay need are made here; a start waits for those. */
export async function mongoOrderStore(connection: Connection): Promise<MongoOrders> {
  const model = connection.model('Order', orderSchema, 'orders') as unknown as Model<OrderDocument>;
  await model.createIndexes();
  const { collection } = model;
  const insert = gatheringInsert(collection);
  const read = (filter: object) => model.findOne(filter).lean<OrderDocument>().exec();

  const store: OrderStore = {
    async insert(order, entry, { terms, idempotency }) {
      const { id, status, version: _, ...rest } = order;
      const outbox = newOutbox(entry, order.createdAt, terms);
      try {
        // Not a mongoose document: the order was checked by its schema at the edge, and casting it again costs as much as the write.
        await insert({
          _id: new Types.ObjectId(id),
          ...rest,
          status: formatStatus(status),
          ...(idempotency && { idempotency }),
          ...outbox,
        });
      } catch (error) {
        if (idempotency && isDuplicateKey(error)) return 'key-taken';
        throw error;
      }
      return terms && claimOf(id, outbox);
    },

    async find(id) {
      const document = await read({ _id: id });
      return document ? fromDocument(document) : undefined;
    },

    async findByKey(key) {
      const document = await read({ 'idempotency.key': key });
      if (!document?.idempotency) return undefined;
      return { order: fromDocument(document), fingerprint: document.idempotency.fingerprint };
    },

    async page({ limit, after, status, clientId }) {
      const filter = {
        ...(after && { _id: { $lt: after } }),
        ...(status && { status: formatStatus(status) }),
        ...(clientId && { clientId }),
      };
      const found = await model
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean<OrderDocument[]>()
        .exec();
      return cutPage(found.map(fromDocument), limit);
    },

    async change(id, decide, terms, now) {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const document = await read({ _id: id });
        if (!document) return undefined;
        const present = fromDocument(document);
        const change = decide(present);
        if (!change) return { order: present, changed: false, claim: undefined };
        const { order, entry } = change;
        const set = { status: formatStatus(order.status), updatedAt: order.updatedAt };
        const written = await appendEntry(collection, document, { set, entry, now, terms });
        if (written) return { order, changed: true, claim: written.claim };
      }
      throw new DomainError('unavailable', {
        code: 'order-contended',
        detail: 'The order is being changed by too many at once. Nothing was changed; try again.',
        retryAfterSeconds: 1,
      });
    },

    async decided(ids) {
      const filter = { _id: { $in: ids }, status: { $ne: formatStatus('pending') } };
      const found = await model.find(filter, { _id: 1 }).lean<OrderDocument[]>().exec();
      return found.map(({ _id }) => _id.toHexString());
    },
  };
  return {
    store,
    outbox: mongoOutbox<OrderEntry>(collection),
    async makeListIndexes({ signal, onFailure }) {
      for (let failures = 0; !signal.aborted; failures += 1) {
        try {
          // One command, so that the collection is read once for both.
          await collection.createIndexes(listIndexes);
          return;
        } catch (error) {
          if (!signal.aborted) onFailure(error);
          await pause(backoffMs(indexBackoff, failures, Math.random()), signal);
        }
      }
    },
  };
}
