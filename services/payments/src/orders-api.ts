import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { formatStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import type { Answer, Call } from '@shop/shared/http/call';
import { z } from 'zod';
import type { Report, ReportAnswer } from './ports.ts';

const problem = z.object({ code: z.string() });

/** Answers that orders itself gives, by their code. A bare 404 or 409 may come from some proxy and must not cost a refund. */
const refusals: Readonly<Record<string, ReportAnswer>> = {
  'illegal-transition': 'refused',
  'order-not-found': 'order-unknown',
};

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'orders-unavailable', detail, cause });
}

interface OrdersOptions {
  readonly call: Call;
  readonly ordersUrl: string;
  readonly bearer: BearerHeader;
  readonly timeoutMs: number;
}

/** Reports outcomes with `PATCH /v1/orders/:id`; repeating a report is harmless there. */
export function httpOrders({ call, ordersUrl, bearer, timeoutMs }: OrdersOptions): Report {
  return async (orderId, outcome, traceparent) => {
    const authorization = await bearer();
    let answer: Answer;
    let body: unknown;
    try {
      answer = await call({
        ...{ url: `${ordersUrl}/v1/orders/${orderId}`, template: '/v1/orders/{id}', method: 'PATCH' },
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ status: formatStatus(outcome) }),
        ...{ traceparent, timeoutMs },
      });
      body = answer.json();
    } catch (error) {
      throw unavailable('Orders does not answer.', error);
    }
    if (answer.ok) return 'accepted';
    const { data } = problem.safeParse(body);
    const refusal = answer.status === 409 || answer.status === 404 ? refusals[data?.code ?? ''] : undefined;
    if (refusal !== undefined) return refusal;
    throw unavailable(`Orders answered ${answer.status}${data ? ` (${data.code})` : ''}.`);
  };
}
