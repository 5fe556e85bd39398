import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { formatStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import type { TracedFetch } from '@shop/shared/tracing/traced-fetch';
import { z } from 'zod';
import type { Report } from './ports.ts';

const problem = z.object({ code: z.string() });

/** Final answers that orders itself gives. A bare 404 or 409 may come from some proxy and must not cost a refund. */
const refusals = new Set(['illegal-transition', 'order-not-found']);

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'orders-unavailable', detail, cause });
}

interface OrdersOptions {
  readonly fetch: TracedFetch;
  readonly ordersUrl: string;
  readonly bearer: BearerHeader;
  readonly timeoutMs: number;
}

/** Reports outcomes with `PATCH /v1/orders/:id`; repeating a report is harmless there. */
export function httpOrders({ fetch, ordersUrl, bearer, timeoutMs }: OrdersOptions): Report {
  return async (orderId, outcome, traceparent) => {
    const authorization = await bearer();
    let response: Response;
    let body: unknown;
    try {
      const request = {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ status: formatStatus(outcome) }),
        signal: AbortSignal.timeout(timeoutMs),
      };
      const context = { template: '/v1/orders/{id}', traceparent };
      response = await fetch(`${ordersUrl}/v1/orders/${orderId}`, request, context);
      body = await response.json();
    } catch (error) {
      throw unavailable('Orders does not answer.', error);
    }
    if (response.ok) return 'accepted';
    const { data } = problem.safeParse(body);
    if ((response.status === 409 || response.status === 404) && data && refusals.has(data.code)) return 'refused';
    throw unavailable(`Orders answered ${response.status}${data ? ` (${data.code})` : ''}.`);
  };
}
