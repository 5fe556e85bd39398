import { amount, objectId } from '@shop/shared/contracts/order-events';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { decimalFromCents } from '@shop/shared/money';
import { z } from 'zod';
import { type Payment, paymentStatuses } from './payment.ts';
import type { PaymentStore } from './ports.ts';

const paymentSchema = z.object({
  orderId: objectId,
  status: z.enum(paymentStatuses),
  amount,
  chargeId: z.string().optional().meta({ description: "The provider's name for the charge" }),
  declineReason: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

function paymentView(payment: Payment): z.infer<typeof paymentSchema> {
  const { orderId, status, amountCents, chargeId, declineReason, createdAt, updatedAt } = payment;
  return {
    orderId,
    status,
    amount: decimalFromCents(amountCents),
    ...(chargeId && { chargeId }),
    ...(declineReason && { declineReason }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** The HTTP interface of payments: to read only, they are made by events. */
export function paymentEndpoints({ find }: Pick<PaymentStore, 'find'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/payments/{orderId}',
      summary: 'Read the payment of an order',
      request: { params: z.object({ orderId: objectId }) },
      responses: {
        200: { description: 'The payment as it is', schema: paymentSchema },
        400: { description: 'The id is malformed' },
        404: { description: 'The order has no payment yet' },
      },
      async handle({ params, note }) {
        note(params);
        const payment = await find(params.orderId);
        if (!payment)
          throw new DomainError('not-found', {
            code: 'payment-not-found',
            detail: 'This order has no payment yet: its event has not been processed, or there is no such order.',
          });
        return { status: 200, body: paymentView(payment) };
      },
    }),
  ];
}
