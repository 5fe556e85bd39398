import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { DomainError } from '@shop/shared/errors';
import type { Call, CallRequest } from '@shop/shared/http/call';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import type { LookUp } from './ports.ts';

interface CatalogOptions {
  readonly call: Call;
  readonly clientsUrl: string;
  readonly productsUrl: string;
  readonly bearer: BearerHeader;
  /** Of each of two attempts. */
  readonly timeoutMs: number;
  /** How long a known client or product is remembered; what is unknown is asked for every time. */
  readonly cacheMs: number;
  readonly now: () => number;
}

const clientAnswer = z.object({ name: z.string() });
const productAnswer = z.object({ price: z.number() });
const problemAnswer = z.object({ code: z.string() });

const maxCached = 10_000;

/** Products of one order: whoever makes a hundred ids up must not have them all asked for, and keep others out. */
const mostAtOnce = 8;

function unavailable(url: string, cause: unknown): DomainError {
  return new DomainError('unavailable', {
    code: 'catalog-unavailable',
    detail: 'Clients or products could not be looked up. The order was not placed; try again.',
    retryAfterSeconds: 2,
    cause: new Error(`GET ${url}`, { cause }),
  });
}

/**
 * `undefined` only where the service itself says that it knows no such id: a 404 of some proxy in between is an outage,
 * not an answer.
 */
async function get<T>(
  { call, bearer, timeoutMs }: CatalogOptions,
  request: Pick<CallRequest, 'url' | 'template' | 'traceparent'>,
  schema: z.ZodType<T>,
  notFoundCode: string,
): Promise<T | undefined> {
  try {
    const sent = { ...request, headers: await bearer(), timeoutMs };
    // All who place an order with this id at the moment share the answer: one lost connection must not refuse them all.
    const { status, json } = await call(sent).catch(() => call(sent));
    const body = json();
    if (status === 404 && problemAnswer.parse(body).code === notFoundCode) return undefined;
    if (status !== 200) throw new Error(`answered ${status}`);
    return schema.parse(body);
  } catch (error) {
    throw unavailable(request.url, error);
  }
}

/** Remembers what was found, and lets those who ask for the same at once share one request, in the trace of the first. */
function remembering<T>(
  load: (id: string, traceparent: string) => Promise<T | undefined>,
  { cacheMs, now }: CatalogOptions,
) {
  const known = new Map<string, { value: Promise<T | undefined>; until: number }>();
  return (id: string, traceparent: string): Promise<T | undefined> => {
    const cached = known.get(id);
    if (cached && cached.until > now()) return cached.value;
    const value = load(id, traceparent);
    known.set(id, { value, until: now() + cacheMs });
    if (known.size > maxCached) known.delete(known.keys().next().value as string);
    const forget = () => {
      if (known.get(id)?.value === value) known.delete(id);
    };
    value.then((found) => found === undefined && forget(), forget);
    return value;
  };
}

/** Looks clients and products up over HTTP. Both are immutable once created, so remembering them can't make a price wrong. */
export function httpCatalog(options: CatalogOptions): LookUp {
  const { clientsUrl, productsUrl } = options;
  const clientName = remembering(async (id, traceparent) => {
    const request = { url: `${clientsUrl}/v1/clients/${id}`, template: '/v1/clients/{id}', traceparent };
    return (await get(options, request, clientAnswer, 'client-not-found'))?.name;
  }, options);
  const priceCents = remembering(async (id, traceparent) => {
    const request = { url: `${productsUrl}/v1/products/${id}`, template: '/v1/products/{id}', traceparent };
    const product = await get(options, request, productAnswer, 'product-not-found');
    return product && centsFromDecimal(product.price);
  }, options);

  return async ({ clientId, items }, traceparent) => {
    const productIds = [...new Set(items.map(({ productId }) => productId))];
    const priceCentsOf = new Map<string, number | undefined>();
    const askPrices = async (ids: readonly string[]) => {
      const prices = await Promise.all(ids.map((id) => priceCents(id, traceparent)));
      for (const [index, id] of ids.entries()) priceCentsOf.set(id, prices[index]);
      return !prices.includes(undefined);
    };
    const [name, areFirstKnown] = await Promise.all([
      clientName(clientId, traceparent),
      askPrices(productIds.slice(0, mostAtOnce)),
    ]);
    let areKnown = name !== undefined && areFirstKnown;
    for (let at = mostAtOnce; areKnown && at < productIds.length; at += mostAtOnce)
      areKnown = await askPrices(productIds.slice(at, at + mostAtOnce));
    return { clientName: name, priceCentsOf };
  };
}
