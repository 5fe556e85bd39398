/**
 * Pages of a collection, newest first, by keyset: a page begins after the last id of the one before, so it costs the
 * same however deep it lies, and what is inserted meanwhile moves nothing. Ids are ObjectIds, which grow with time;
 * within one second several processes may interleave, so «newest first» is exact to the second.
 */
import { z } from 'zod';
import type { Reply } from './http/endpoint.ts';

/** What a store is asked: at most `limit` items whose id is below `after`, ordered by id, descending. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** `next` is the id to go on after; `undefined` on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Cuts a page from what a store found when it asked for `limit + 1`: the one too many only tells that there is more. */
export function cutPage<T extends { readonly id: string }>(found: readonly T[], limit: number): Page<T> {
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
}

/** The cursor is opaque to callers: what it is made of may change. */
export function encodeCursor(id: string): string {
  return Buffer.from(id, 'hex').toString('base64url');
}

const cursor = z
  .string()
  .regex(/^[\w-]{16}$/, 'must be the `next` of another page')
  .transform((text) => Buffer.from(text, 'base64url').toString('hex'))
  .meta({ description: 'The `next` of the page before' });

/** The query parameters of a list; spread it to add filters, and keep it strict: a misspelt one must not be ignored. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({ description: 'Most items on the page' }),
  after: cursor.optional(),
});

/** The body of a list's answer. */
export function pageSchema(item: z.ZodType) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Give it as `after` for the next page; null on the last one' }),
  });
}

interface PageOptions<T> {
  /** The list's own path, as `/v1/orders`. */
  readonly path: string;
  readonly page: Page<T>;
  readonly view: (item: T) => unknown;
  readonly limit: number;
  /** The query parameters besides `limit` and `after`. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** Answers a page, with a `Link: <…>; rel="next"` that repeats the limit and the filters of the request. */
export function pageAnswer<T>({ path, page, view, limit, filters = {} }: PageOptions<T>): Reply {
  const items = page.items.map(view);
  if (page.next === undefined) return { status: 200, body: { items, next: null } };
  const next = encodeCursor(page.next);
  const query = new URLSearchParams({ ...filters, limit: String(limit), after: next });
  return { status: 200, body: { items, next }, headers: { link: `<${path}?${query}>; rel="next"` } };
}
