import { isDomainError } from '@shop/shared/errors';
import type { Producer } from '@shop/shared/kafka/producer';
import type { OutgoingRecord } from '@shop/shared/kafka/records';
import type { Logger } from '@shop/shared/log';
import type { Deliver, Delivery, Parcel } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import type { OrderEntry } from './views.ts';

type Send = Producer['send'];

/** How long an event that Kafka refuses for itself alone is left; it holds up only its own order. */
const refusedRetryMs = 60_000;

const messageOf = ({ id, entry }: Parcel<OrderEntry>): OutgoingRecord => ({
  topic: entry.topic,
  key: id,
  value: entry.payload,
  headers: entry.headers,
});

interface PublishOptions {
  /** For all of it: leases are trusted to last that long. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** Publishes entries in one request. When Kafka refuses the batch, one by one, so that a bad one stops nobody else. */
export function publishTo(send: Send, { timeoutMs, log }: PublishOptions): Deliver<OrderEntry> {
  async function publishAlone(parcel: Parcel<OrderEntry>, leftMs: number): Promise<Delivery> {
    try {
      await send([messageOf(parcel)], { timeoutMs: leftMs });
      return 'sent';
    } catch (error) {
      if (isDomainError(error, 'unavailable')) throw error;
      const { topic, headers } = parcel.entry;
      const trace_id = traceIdOf(headers.traceparent);
      log.error({ err: error, orderId: parcel.id, trace_id, topic }, 'event refused by Kafka');
      return { retryAfterMs: refusedRetryMs };
    }
  }

  return async (parcels) => {
    const until = performance.now() + timeoutMs;
    try {
      await send(parcels.map(messageOf));
      return parcels.map(() => 'sent' as const);
    } catch (error) {
      if (isDomainError(error, 'unavailable')) throw error;
    }
    const deliveries: Delivery[] = [];
    for (const parcel of parcels) {
      const delivery = await publishAlone(parcel, Math.max(0, until - performance.now())).catch((error) => {
        if (deliveries.length === 0) throw error;
      });
      if (delivery === undefined) break;
      deliveries.push(delivery);
    }
    // What there was no time for, or no Kafka any more, is due at once; what was sent is not sent again for it.
    return parcels.map((_, index) => deliveries[index] ?? { retryAfterMs: 0 });
  };
}
