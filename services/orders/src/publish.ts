import { type Backoff, backoffMs } from '@shop/shared/backoff';
import { isDomainError } from '@shop/shared/errors';
import type { PlacingProducer } from '@shop/shared/kafka/connect';
import { isAnswer } from '@shop/shared/kafka/errors';
import type { Producer } from '@shop/shared/kafka/producer';
import type { OutgoingRecord } from '@shop/shared/kafka/records';
import type { Logger } from '@shop/shared/log';
import type { Deliver, Delivery, Parcel } from '@shop/shared/outbox/relay';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import type { OrderEntry } from './order-event.ts';

type Send = Producer['send'];

/** How long an event that Kafka refuses for itself alone is left; it holds up only its own order. */
const refusedRetryMs = 60_000;

/** How long a topic or partition that fails while others do not is left alone, with all that is for it. */
const placePause: Backoff = { firstMs: 2_000, maxMs: 15_000 };

/** No longer than this the others wait until it is known whether such a one is well again. */
const placeTimeoutMs = 1_000;

const messageOf = ({ id, entry }: Parcel<OrderEntry>): OutgoingRecord => ({
  topic: entry.topic,
  key: id,
  value: entry.payload,
  headers: entry.headers,
});

interface PublishOptions {
  readonly placeOf: PlacingProducer['placeOf'];
  /** For all of it: leases are trusted to last that long. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

interface Sick {
  readonly failures: number;
  readonly retryAtMs: number;
}

interface Failure {
  /** Topics or partitions. */
  readonly places: readonly string[];
  readonly error: unknown;
}

/** What goes out in one request. */
interface Part {
  /** Those that are well when it has gone out, as far as they may have been sick. */
  readonly places: readonly string[];
  readonly parcels: readonly Parcel<OrderEntry>[];
}

interface Parts {
  readonly well: readonly Part[];
  readonly probes: readonly Part[];
}

/**
 * Publishes entries in one request. When Kafka refuses one of them, they go one by one, so that a bad one stops nobody else. When it
 * takes nothing, the next ones go by topic and partition: those that fail alone are left for a while, and the others go out together.
 */
export function publishTo(send: Send, { placeOf, timeoutMs, log }: PublishOptions): Deliver<OrderEntry> {
  /** Where nothing can be sent though it can elsewhere. No more than there are partitions. */
  const sick = new Map<string, Sick>();
  let isApart = false;

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

  async function publish(parcels: readonly Parcel<OrderEntry>[], leftMs: number): Promise<Delivery[]> {
    const until = performance.now() + leftMs;
    try {
      await send(parcels.map(messageOf), { timeoutMs: leftMs });
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
    return deliveries;
  }

  const placesOf = (parcels: readonly Parcel<OrderEntry>[]) => [
    ...new Set(parcels.map((parcel) => placeOf(messageOf(parcel)))),
  ];

  /** Of a sick place one goes out, to find out, once its pause is over. */
  function partsOf(parcels: readonly Parcel<OrderEntry>[]): Parts {
    const now = performance.now();
    const well: Part[] = [];
    const probes: Part[] = [];
    for (const [place, all] of Map.groupBy(parcels, (parcel) => placeOf(messageOf(parcel)))) {
      const { retryAtMs } = sick.get(place) ?? {};
      if (retryAtMs === undefined) well.push({ places: [place], parcels: all });
      else if (retryAtMs <= now) probes.push({ places: [place], parcels: all.slice(0, 1) });
    }
    if (isApart || well.length < 2) return { well, probes };
    return { well: [{ places: [], parcels: well.flatMap((part) => part.parcels) }], probes };
  }

  function leave(place: string, error: unknown): void {
    const failures = sick.get(place)?.failures ?? 0;
    const retryAtMs = performance.now() + backoffMs(placePause, failures, Math.random());
    sick.set(place, { failures: failures + 1, retryAtMs });
    log[failures === 0 ? 'warn' : 'debug'](
      { err: error, place },
      'nothing can be published there, it is left for a while',
    );
  }

  /**
   * First those that are well, at once: what waits in vain is ended together with all that is on its way, and that has had the same
   * time then. Probes have less.
   */
  async function publishParts({ well, probes }: Parts) {
    const until = performance.now() + timeoutMs;
    const deliveries = new Map<Parcel<OrderEntry>, Delivery>();
    const failed: Failure[] = [];
    const publishPart = async ({ places, parcels }: Part, leftMs: number) => {
      try {
        const results = await publish(parcels, leftMs);
        for (const [at, result] of results.entries()) deliveries.set(parcels[at] as Parcel<OrderEntry>, result);
        for (const place of places) sick.delete(place);
      } catch (error) {
        // Anew: of a topic that was sent to for the first time the partitions are known now.
        failed.push({ places: placesOf(parcels), error });
      }
    };
    const probeMs = probes.length > 0 ? Math.min(placeTimeoutMs, timeoutMs / 2) : 0;
    await Promise.all(well.map((part) => publishPart(part, timeoutMs - probeMs)));
    const leftMs = Math.max(0, Math.min(probeMs, until - performance.now()));
    await Promise.all(probes.map((part) => publishPart(part, leftMs)));
    return { deliveries, failed };
  }

  /** What there was no time for, or no Kafka any more, is due at once; what was sent is not sent again for it. */
  function waitMs(parcel: Parcel<OrderEntry>): number {
    const { retryAtMs = 0 } = sick.get(placeOf(messageOf(parcel))) ?? {};
    return Math.max(0, Math.ceil(retryAtMs - performance.now()));
  }

  /** @returns the failure that says nothing of where it happened, when nothing at all could be sent */
  function learnFrom(failed: readonly Failure[], isKafkaThere: boolean): Failure | undefined {
    // What Kafka says of one place, or keeps to itself while it takes others or once it was known to, is of that place.
    const isOfPlace = ({ places: [place, ...more], error }: Failure) =>
      place !== undefined && more.length === 0 && (isKafkaThere || isAnswer(error) || sick.has(place));
    const outage = isKafkaThere ? undefined : failed.find((failure) => !isOfPlace(failure));
    // By the silence of an outage nothing is learned of the places: they stay apart.
    const told = failed.filter((failure) => isOfPlace(failure) && (outage === undefined || isAnswer(failure.error)));
    for (const { places, error } of told) for (const place of places) leave(place, error);
    isApart = failed.some(({ places }) => places.length > 1) || (isApart && outage !== undefined);
    return outage;
  }

  return async (parcels) => {
    const isUsual = sick.size === 0 && !isApart;
    const { deliveries, failed } = await publishParts(
      isUsual ? { well: [{ places: [], parcels }], probes: [] } : partsOf(parcels),
    );
    const outage = learnFrom(failed, deliveries.size > 0);
    if (outage) throw outage.error;
    return parcels.map((parcel) => deliveries.get(parcel) ?? { retryAfterMs: waitMs(parcel) });
  };
}
