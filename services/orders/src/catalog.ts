import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { DomainError } from '@shop/shared/errors';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import type { LookUp } from './ports.ts';

interface CatalogOptions {
  readonly clientsUrl: string;
  readonly productsUrl: string;
  readonly bearer: BearerHeader;
  readonly timeoutMs: number;
  /** How long a known client or product is remembered; what is unknown is asked for every time. */
  readonly cacheMs: number;
  readonly now: () => number;
}

const clientAnswer = z.object({ name: z.string() });
const productAnswer = z.object({ price: z.number() });
const problemAnswer = z.object({ code: z.string() });

const maxCached = 10_000;

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
  url: string,
  schema: z.ZodType<T>,
  notFoundCode: string,
  { bearer, timeoutMs }: Pick<CatalogOptions, 'bearer' | 'timeoutMs'>,
): Promise<T | undefined> {
  try {
    const response = await fetch(url, { headers: { ...(await bearer()) }, signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = await response.json();
    if (response.status === 404 && problemAnswer.parse(body).code === notFoundCode) return undefined;
    if (response.status !== 200) throw new Error(`answered ${response.status}`);
    return schema.parse(body);
  } catch (error) {
    throw unavailable(url, error);
  }
}

/** Remembers what was found, and lets those who ask for the same at once share one request. */
function remembering<T>(load: (id: string) => Promise<T | undefined>, { cacheMs, now }: CatalogOptions) {
  const known = new Map<string, { value: Promise<T | undefined>; until: number }>();
  return (id: string): Promise<T | undefined> => {
    const cached = known.get(id);
    if (cached && cached.until > now()) return cached.value;
    const value = load(id);
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
  const clientName = remembering(
    async (id) => (await get(`${clientsUrl}/v1/clients/${id}`, clientAnswer, 'client-not-found', options))?.name,
    options,
  );
  const priceCents = remembering(async (id) => {
    const product = await get(`${productsUrl}/v1/products/${id}`, productAnswer, 'product-not-found', options);
    return product && centsFromDecimal(product.price);
  }, options);

  return async ({ clientId, items }) => {
    const productIds = [...new Set(items.map(({ productId }) => productId))];
    const [name, ...prices] = await Promise.all([clientName(clientId), ...productIds.map(priceCents)]);
    const known = productIds.flatMap((id, index): [string, number][] => {
      const price = prices[index];
      return price === undefined ? [] : [[id, price]];
    });
    return { clientName: name, priceCentsOf: new Map(known) };
  };
}
