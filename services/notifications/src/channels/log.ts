import type { Logger } from '@shop/shared/log';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import { maskAddress } from '../notification.ts';
import type { Channel } from '../ports.ts';

/** Says in the log what would be sent: for trying the shop out. The text has a name in it, so only the subject is shown. */
export function logChannel(log: Logger): Channel {
  return {
    name: 'log',
    async send({ decision: { orderId, outcome }, client, wording: { subject }, traceparent }) {
      const trace_id = traceIdOf(traceparent);
      log.info({ orderId, trace_id, outcome, to: maskAddress(client.email), subject }, 'client notified');
    },
    close() {},
  };
}
