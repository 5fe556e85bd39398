import type { Message } from '@shop/shared/messaging/message';
import type { Decision } from './notification.ts';
import { laneOf, taskExchange, taskKey } from './topology.ts';

/** A message of RabbitMQ on its way out. */
export interface OutgoingTask {
  /** Empty for the queue that `key` names. */
  readonly exchange: string;
  readonly key: string;
  readonly messageId: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message of RabbitMQ as it came. Nothing of it has been checked. */
export interface Task {
  readonly key: string;
  readonly messageId: string;
  readonly value: Buffer;
  /** Those that are text. */
  readonly headers: Readonly<Record<string, string>>;
  /** How often a worker gave it back after an attempt. */
  readonly failures: number;
}

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

/** Why a task was given up, as its headers tell it. */
export interface Parked {
  readonly lane: string;
  readonly code: string;
  readonly reason: string;
  readonly at: string;
  readonly attempts: string;
}

const names = {
  lane: 'x-parked-lane',
  code: 'x-parked-code',
  reason: 'x-parked-reason',
  at: 'x-parked-at',
  attempts: 'x-parked-attempts',
} as const satisfies Record<keyof Parked, string>;
const members = Object.entries(names) as [keyof Parked, string][];

export function parkedHeaders(parked: Parked): Record<string, string> {
  return Object.fromEntries(members.map(([member, header]) => [header, parked[member]]));
}

export function readParked({ headers }: Pick<Task, 'headers'>): Parked {
  return Object.fromEntries(members.map(([member, header]) => [member, headers[header] ?? ''])) as unknown as Parked;
}

/** The headers as they were before the task was parked. */
export function withoutParked({ headers }: Pick<Task, 'headers'>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => !members.some(([, name]) => name === header)));
}
