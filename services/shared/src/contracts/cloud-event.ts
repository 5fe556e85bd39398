/** CloudEvents 1.0 in Kafka's binary mode: the value stays plain JSON, the attributes travel as headers. */
export interface EventAttributes {
  /** The topic the event is made for; its type is `shop.` + topic + `.v1`. */
  readonly topic: string;
  readonly orderId: string;
  /** The order's version after the change: 1, 2, … Readers of several topics apply only what is newer than what they have. */
  readonly sequence: number;
  readonly time: Date;
  /** W3C trace context of the request that caused the change, where there is one. */
  readonly traceparent?: string | undefined;
}

/** The `ce_type` of an event; an incompatible payload would end in `.v2`. */
export function eventType(topic: string): string {
  return `shop.${topic}.v1`;
}

/**
 * `ce_id` is made from order and sequence, not drawn: one change of one order cannot go out under two identities,
 * so whoever removes duplicates by `ce_source` + `ce_id` is right after any crash.
 */
export function eventHeaders({ topic, orderId, sequence, time, traceparent }: EventAttributes): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: `${orderId}.${sequence}`,
    ce_source: '/orders',
    ce_type: eventType(topic),
    ce_subject: orderId,
    ce_time: time.toISOString(),
    ce_sequence: String(sequence),
    'content-type': 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
