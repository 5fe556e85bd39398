import type { z } from 'zod';
import type { Fault } from '../errors.ts';

/** Where in a request a value stands. */
export type Part = 'params' | 'query' | 'headers' | 'body';

const places = { params: 'path ', query: 'query ', headers: 'header ' } as const;

/** A JSON pointer (RFC 6901) into the body, or `query limit`, `path id`, `header idempotency-key`. */
function placeOf(part: Part, path: readonly PropertyKey[]): string {
  if (part !== 'body') return places[part] + path.map(String).join('.');
  return `#${path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

const formats: Record<string, string> = {
  email: 'an e-mail address',
  datetime: 'a date and time as 2026-01-31T12:00:00Z',
  url: 'an address',
};

type Issue = z.core.$ZodRawIssue;

const units: Record<string, string> = { string: 'character', array: 'item' };

function limit(
  origin: string,
  inclusive: boolean | undefined,
  words: readonly [string, string],
  value: number | bigint,
) {
  const unit = units[origin];
  if (unit) return `must have ${words[0]} ${value} ${unit}${value === 1 ? '' : 's'}`;
  return `must be ${inclusive === false ? words[1] : words[0]} ${value}`;
}

/** What the caller has to change, as the end of a sentence that begins with the place. */
function sentenceOf(issue: Issue): string | undefined {
  if (issue.code === 'unrecognized_keys') return 'is not known here';
  if (issue.input === undefined) return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return limit(issue.origin, issue.inclusive, ['at least', 'more than'], issue.minimum);
    case 'too_big':
      return limit(issue.origin, issue.inclusive, ['at most', 'less than'], issue.maximum);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `a valid ${issue.format}`}`;
    default:
      return undefined;
  }
}

/** The checked value, or every fault in it with its place. An unknown member is a fault at its own place. */
export function checkPart(schema: z.ZodType, value: unknown, part: Part): { value: unknown; faults: Fault[] } {
  const result = schema.safeParse(value, { error: sentenceOf });
  if (result.success) return { value: result.data, faults: [] };
  const faults = result.error.issues.flatMap((issue) => {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ at: placeOf(part, path), detail: issue.message }));
  });
  return { value: undefined, faults };
}
