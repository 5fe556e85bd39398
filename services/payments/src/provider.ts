import { DomainError } from '@shop/shared/errors';
import type { CallContext, TracedFetch } from '@shop/shared/tracing/traced-fetch';
import { z } from 'zod';
import { type ChargeAnswer, chargeKey, refundKey } from './payment.ts';
import type { Provider } from './ports.ts';

interface ProviderOptions {
  readonly fetch: TracedFetch;
  readonly providerUrl: string;
  /** Above what a slow provider needs: an answer that comes after it has to be asked for again. */
  readonly timeoutMs: number;
}

const charge = z.object({
  id: z.string(),
  status: z.enum(['captured', 'declined']),
  reason: z.string().optional(),
});
const charges = z.object({ items: z.array(charge) });
const problem = z.object({ code: z.string() });

/** The provider understood and will never take it: to us the same as a declined charge. */
const refusals = new Set([400, 402]);

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'provider-unavailable', detail, cause });
}

function answerOf({ id, status, reason }: z.infer<typeof charge>): ChargeAnswer {
  return status === 'captured' ? { captured: true, chargeId: id } : { captured: false, reason: reason ?? 'declined' };
}

function retryAfterSeconds(response: Response): number {
  const seconds = Number(response.headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) : 1;
}

/** The payment provider over HTTP, with idempotency keys. */
export function httpProvider({ fetch, providerUrl, timeoutMs }: ProviderOptions): Provider {
  async function call(path: string, init: RequestInit, context: CallContext): Promise<Response> {
    let response: Response;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      response = await fetch(`${providerUrl}${path}`, { ...init, signal }, context);
    } catch (error) {
      throw unavailable('The payment provider does not answer.', error);
    }
    if (response.status === 429)
      throw new DomainError('throttled', {
        code: 'provider-throttled',
        detail: 'The payment provider asks for a pause.',
        retryAfterSeconds: retryAfterSeconds(response),
      });
    // Wrong credentials or a wrong address are an outage of ours: no order may be refused for them.
    if (!response.ok && !refusals.has(response.status) && response.status !== 422)
      throw unavailable(`The payment provider answered ${response.status}.`);
    return response;
  }

  async function read<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
    try {
      return schema.parse(await response.json());
    } catch (error) {
      throw unavailable('The answer of the payment provider cannot be understood.', error);
    }
  }

  const post = (path: string, key: string, traceparent: string | undefined, body: object) =>
    call(
      path,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      },
      { template: path, traceparent },
    );

  return {
    async charge({ orderId, amountCents }, traceparent) {
      const body = { orderId, amountCents, currency: 'BRL' };
      const response = await post('/charges', chargeKey(orderId), traceparent, body);
      if (refusals.has(response.status)) return { captured: false, reason: (await read(response, problem)).code };
      if (!response.ok)
        throw new Error(`the provider refused the charge's key: ${(await read(response, problem)).code}`);
      return answerOf(await read(response, charge));
    },

    async findCharge(orderId, traceparent) {
      const response = await call(`/charges?orderId=${orderId}`, {}, { template: '/charges', traceparent });
      const { items } = await read(response, charges);
      const found = items.find(({ status }) => status === 'captured') ?? items[0];
      return found && answerOf(found);
    },

    async refund({ orderId, chargeId, amountCents }, traceparent) {
      const response = await post('/refunds', refundKey(orderId), traceparent, { chargeId, amountCents });
      if (!response.ok) throw new Error(`the provider refused the refund: ${(await read(response, problem)).code}`);
    },
  };
}
