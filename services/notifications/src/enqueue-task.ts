import type { Message } from '@shop/shared/messaging/message';
import type { Decision } from './notification.ts';
import type { OutgoingTask } from './task.ts';
import { laneOf, taskExchange, taskKey } from './topology.ts';

/** The event's own headers, which make the task readable where it is found, and the trace. */
const kept = /^(ce_\w{1,50}|traceparent)$/;
/** RabbitMQ ends the connection over headers that do not fit into one frame. */
const longestValue = 1_000;

/** The task of an event: the same bytes, under the event's id. */
export function taskFor(
  { eventId, outcome }: Decision,
  { value, headers }: Pick<Message, 'value' | 'headers'>,
  retryDelayMs: number,
) {
  return {
    exchange: taskExchange,
    key: taskKey(laneOf(outcome), retryDelayMs),
    messageId: eventId,
    value: value ?? Buffer.alloc(0),
    headers: Object.fromEntries(
      Object.entries(headers).filter(([name, text]) => kept.test(name) && text.length <= longestValue),
    ),
  } satisfies OutgoingTask;
}
