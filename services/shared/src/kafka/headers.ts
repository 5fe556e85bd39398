import type { RawHeaders } from './records.ts';

const isSent = (value: unknown) => typeof value === 'string' || Buffer.isBuffer(value) || value === null;

/**
 * The headers of a message as they were sent. Where a name is one that every object has, `constructor` for one, kafkajs
 * takes the inherited member for an earlier value and adds it to a list; no producer could write that into a dead letter,
 * and its partition would wait for ever.
 */
export function fetchedHeaders(decoded: RawHeaders): RawHeaders {
  return Object.fromEntries(
    Object.entries(decoded).map(([name, values]) => [name, Array.isArray(values) ? values.filter(isSent) : values]),
  );
}

/** kafkajs reads a header that has no value, but cannot write one: it becomes an empty one. */
export function encodableHeaders(headers: RawHeaders): Record<string, Buffer | string | (Buffer | string)[]> {
  const value = (one: Buffer | string | null | undefined) => one ?? '';
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, Array.isArray(values) ? values.map(value) : value(values)]),
  );
}
