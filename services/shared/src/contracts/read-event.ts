import type { z } from 'zod';
import { DomainError } from '../errors.ts';
import { eventType } from './cloud-event.ts';

/** A message as far as an event is in it. */
interface EventMessage {
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

function refuse(code: string, detail: string): never {
  throw new DomainError('invalid', { code, detail });
}

function parseJson(value: Buffer | null): unknown {
  try {
    // Fatal, because a replaced character could turn broken bytes into another valid event.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? Buffer.alloc(0)));
  } catch {
    return refuse('malformed-json', 'The value is not JSON in UTF-8.');
  }
}

/**
 * The payload of an event of one of the topics. A message without CloudEvents headers is read too: anybody who knows the
 * topic may have sent it.
 *
 * @throws DomainError `invalid` for anything else; no later attempt would understand it better
 */
export function readEvent<S extends z.ZodType>(
  schema: S,
  topics: readonly string[],
  { value, headers }: EventMessage,
): z.infer<S> {
  const types = topics.map(eventType);
  const { ce_type: type } = headers;
  if (type !== undefined && !types.includes(type))
    refuse('unknown-event-type', `The type is ${types.length > 1 ? 'neither' : 'not'} ${types.join(' nor ')}.`);
  const { data, error } = schema.safeParse(parseJson(value));
  if (error) {
    const [issue] = error.issues;
    refuse('schema-violation', `#/${issue?.path.join('/')}: ${issue?.message}`);
  }
  return data as z.infer<S>;
}
