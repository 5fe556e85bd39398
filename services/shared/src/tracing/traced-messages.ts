/** What is sent and handled, in spans: around the ways to and from Kafka, which know nothing of tracing. */
import { DomainError } from '../errors.ts';
import type { Producer } from '../kafka/producer.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import type { Handle } from '../messaging/processor.ts';
import { processSpan, sendSpan } from './message-spans.ts';
import { noTracer, type Tracer } from './tracer.ts';

type Send = Producer['send'];

/** The class of a failure. */
const errorType = (error: unknown) =>
  error instanceof DomainError ? error.code : error instanceof Error ? error.name : 'unknown';

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** A span each for the records that carry a `traceparent`; readers get that of the span in its place. */
export function tracedSend(send: Send, tracer: Tracer): Send {
  if (tracer === noTracer) return send;
  const spanOf = (record: OutgoingRecord) =>
    tracer.start(sendSpan({ topic: record.topic, key: record.key?.toString() }), textOf(record.headers.traceparent));
  return async (records, options) => {
    const spans = records.map(spanOf);
    const traced = records.map((record, index) => ({
      ...record,
      headers: { ...record.headers, traceparent: spans[index]?.traceparent },
    }));
    try {
      await send(traced, options);
      for (const { end } of spans) end();
    } catch (error) {
      for (const { end } of spans) end({ error: errorType(error) });
      throw error;
    }
  };
}

/** A span for every attempt at a message; the handler finds it in the message's `traceparent`. */
export function tracedHandle(handle: Handle, tracer: Tracer, group: string): Handle {
  if (tracer === noTracer) return handle;
  return async (message) => {
    const { traceparent, end } = tracer.start(processSpan(group, message), message.headers.traceparent);
    const headers = traceparent === undefined ? message.headers : { ...message.headers, traceparent };
    try {
      const outcome = await handle({ ...message, headers });
      end({ attributes: { outcome } });
      return outcome;
    } catch (error) {
      end({ error: errorType(error) });
      throw error;
    }
  };
}
