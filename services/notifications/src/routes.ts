import { objectId } from '@shop/shared/contracts/order-events';
import { formatStatus, statusWords } from '@shop/shared/contracts/order-status';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { z } from 'zod';
import type { Notification, NotificationStore } from './ports.ts';

const notificationSchema = z.object({
  orderId: objectId,
  eventId: z.string().meta({ description: "The decision's `ce_id`" }),
  decision: z.enum(statusWords),
  status: z.enum(['sending', 'sent']),
  attempts: z.number().int().positive().meta({ description: 'How often somebody set out to send it' }),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().optional(),
});

function notificationView(notification: Notification): z.infer<typeof notificationSchema> {
  const { orderId, eventId, outcome, status, attempts, createdAt, sentAt } = notification;
  return {
    orderId,
    eventId,
    decision: formatStatus(outcome),
    status,
    attempts,
    createdAt: createdAt.toISOString(),
    ...(sentAt && { sentAt: sentAt.toISOString() }),
  };
}

/** The HTTP interface of notifications: to read only, they are made by events. */
export function notificationEndpoints({ find }: Pick<NotificationStore, 'find'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/notifications/{orderId}',
      summary: 'Whether the client was told how an order was decided',
      request: { params: z.object({ orderId: objectId }) },
      responses: {
        200: { description: 'The notification as it is', schema: notificationSchema },
        400: { description: 'The id is malformed' },
        404: { description: 'Nobody has set out to tell the client yet' },
        503: { description: 'The database does not answer; try again after `Retry-After`' },
      },
      async handle({ params, note }) {
        note(params);
        const notification = await find(params.orderId);
        if (!notification)
          throw new DomainError('not-found', {
            code: 'notification-not-found',
            detail: 'The order is not decided, its event has not been processed, or there is no such order.',
          });
        return { status: 200, body: notificationView(notification) };
      },
    }),
  ];
}
