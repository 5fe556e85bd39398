import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { formatStatus } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import type { Answer, Call } from '@shop/shared/http/call';
import { z } from 'zod';
import type { Report, ReportAnswer } from './ports.ts';

const order = z.object({ id: z.string(), status: z.string() });
const problem = z.object({ code: z.string() });

/** Answers that orders itself gives, by their code. A bare 404 or 409 may come from some proxy and must not cost a refund. */
const refusals: Readonly<Record<string, ReportAnswer>> = {
  'illegal-transition': 'refused',
  'order-not-found': 'order-unknown',
};

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'orders-unavailable', detail, cause });
}

/** @throws DomainError `unavailable` for what is no answer of orders itself: a gateway may answer 200 as well */
function judge({ ok, status }: Answer, body: unknown, reported: z.infer<typeof order>): ReportAnswer {
  if (ok) {
    const { data: told } = order.safeParse(body);
    if (told?.id === reported.id && told.status === reported.status) return 'accepted';
    throw unavailable(`Orders answered ${status} without the order in the reported status.`);
  }
  const { data } = problem.safeParse(body);
  const refusal = status === 409 || status === 404 ? refusals[data?.code ?? ''] : undefined;
  if (refusal !== undefined) return refusal;
  throw unavailable(`Orders answered ${status}${data ? ` (${data.code})` : ''}.`);
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
    const status = formatStatus(outcome);
    let answer: Answer;
    let body: unknown;
    try {
      answer = await call({
        ...{ url: `${ordersUrl}/v1/orders/${orderId}`, template: '/v1/orders/{id}', method: 'PATCH' },
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ status }),
        ...{ traceparent, timeoutMs },
      });
      body = answer.json();
    } catch (error) {
      throw unavailable('Orders does not answer.', error);
    }
    return judge(answer, body, { id: orderId, status });
  };
}
