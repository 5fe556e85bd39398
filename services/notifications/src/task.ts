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
