/** Reads what can be seen of the shop without asking its services, while it runs and in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, connectMongo } from '../../services/shared/src/mongo/connect.ts';
import { readLedger } from '../load/shop-api.ts';
import type { NotificationLine, OrderLine, PaymentLine } from './history.ts';
import type { Recorder } from './history-file.ts';
import { deadLetterTopics, eventTopics, paymentsGroup, type Shop } from './shop.ts';
import { eventLine, positionLine } from './topic-lines.ts';

/** What still waits somewhere. */
export interface Rest {
  readonly pendingOrders: number;
  readonly unsentOrders: number;
  readonly openPayments: number;
  readonly unreadMessages: number;
  readonly untoldDecisions: number;
}

const decided = { $nin: ['processing'] };

type Connections = readonly [orders: Connection, payments: Connection, notifications: Connection];

export class Observer {
  readonly #shop: Shop;
  readonly #record: Recorder;
  readonly #orders: Connection;
  readonly #payments: Connection;
  readonly #notifications: Connection;
  readonly #finished = new Set<string>();
  readonly #stopping = new AbortController();
  #watching: Promise<void> | undefined;

  private constructor(shop: Shop, record: Recorder, [orders, payments, notifications]: Connections) {
    this.#shop = shop;
    this.#record = record;
    this.#orders = orders;
    this.#payments = payments;
    this.#notifications = notifications;
  }

  static async open(shop: Shop, record: Recorder): Promise<Observer> {
    const connect = (service: string) => connectMongo({ mongodbUri: `${shop.mongo}/shop_${service}` });
    return new Observer(shop, record, [
      await connect('orders'),
      await connect('payments'),
      await connect('notifications'),
    ]);
  }

  /**
   * Notes every `everyMs` how far the group has committed, and after that what is finished; less often when there is so much
   * to read that it would take more than a tenth of the time of the database that it looks into.
   */
  watch(everyMs: number): void {
    const { signal } = this.#stopping;
    const look = async () => {
      while (!signal.aborted) {
        // Kafka or the database may be away: that is what this is about, and a look that is missing proves nothing.
        const startedAt = performance.now();
        await this.look().catch(() => {});
        const pauseMs = Math.max(everyMs, 9 * (performance.now() - startedAt));
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    };
    this.#watching = look();
  }

  async look(): Promise<void> {
    const positions = await this.#shop.reader.positions(paymentsGroup, 'orders.created');
    const found = await this.#payments
      .collection('payments')
      .find({ status: decided }, { projection: { _id: 1 } })
      .toArray();
    const orderIds = found.map(({ _id }) => String(_id)).filter((id) => !this.#finished.has(id));
    for (const id of orderIds) this.#finished.add(id);
    this.#record({
      kind: 'committed',
      offsets: positions.map(({ partition, committed }) => ({ partition, committed: Number(committed) })),
    });
    this.#record({ kind: 'finished', orderIds });
  }

  async rest(): Promise<Rest> {
    const orders = this.#orders.collection('orders');
    const payments = this.#payments.collection('payments');
    const waits = { outboxSince: { $exists: true } };
    const [pendingOrders, decidedOrders, unsentOrders, unsentPayments, openPayments, told, positions] =
      await Promise.all([
        orders.countDocuments({ status: 'PENDENTE' }),
        orders.countDocuments({ status: { $ne: 'PENDENTE' } }),
        orders.countDocuments(waits),
        payments.countDocuments(waits),
        payments.countDocuments({ status: { $in: ['processing', 'refunding'] } }),
        this.#notifications.collection('notifications').countDocuments({ status: 'sent' }),
        this.#shop.reader.positions(paymentsGroup, 'orders.created'),
      ]);
    return {
      pendingOrders,
      unsentOrders,
      openPayments: openPayments + unsentPayments,
      unreadMessages: positions.reduce((sum, { end, committed }) => sum + Number(end - committed), 0),
      untoldDecisions: decidedOrders - told,
    };
  }

  /** Records everything as it is now: stores, ledger, topics and positions. */
  async conclude(): Promise<void> {
    const { reader, urls } = this.#shop;
    await this.look();
    for await (const document of this.#orders.collection('orders').find()) this.#record(orderLine(document));
    for await (const document of this.#payments.collection('payments').find()) this.#record(paymentLine(document));
    for await (const document of this.#notifications.collection('notifications').find())
      this.#record(notificationLine(document));
    for (const { type, orderId, amountCents, status } of await readLedger(urls.provider))
      this.#record({ kind: 'ledger', type, orderId, amountCents, ...(status !== undefined && { status }) });
    for (const leader of await reader.leaderChanges(eventTopics)) this.#record({ kind: 'leader', ...leader });
    for (const position of await reader.positions(paymentsGroup, 'orders.created'))
      this.#record(positionLine(position));
    for (const line of (await reader.records([...eventTopics, ...deadLetterTopics])).flatMap(eventLine))
      this.#record(line);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await Promise.all([this.#orders, this.#payments, this.#notifications].map((connection) => connection.close(true)));
  }
}

type Stored = Record<string, unknown>;

const lengthOf = (outbox: unknown) => (Array.isArray(outbox) ? outbox.length : 0);

function orderLine({ _id, status, version, totalCents, idempotency, outbox }: Stored): OrderLine {
  const key = (idempotency as { key?: string } | undefined)?.key;
  return {
    kind: 'order',
    id: String(_id),
    status: String(status),
    version: Number(version),
    totalCents: Number(totalCents),
    ...(key !== undefined && { key }),
    unsent: lengthOf(outbox),
  };
}

function paymentLine({ _id, status, outbox }: Stored): PaymentLine {
  return { kind: 'payment', orderId: String(_id), status: String(status), unsent: lengthOf(outbox) };
}

function notificationLine({ _id, eventId, outcome, status, sentAt }: Stored): NotificationLine {
  return {
    kind: 'notification',
    orderId: String(_id),
    eventId: String(eventId),
    outcome: String(outcome),
    status: String(status),
    ...(sentAt instanceof Date && { sentAt: sentAt.getTime() }),
  };
}
