/** What happened in a run, a line of JSON each: all that it is judged by. */

/** What the run was meant to be; the first line. */
export interface RunLine {
  readonly kind: 'run';
  readonly seed: number;
  readonly expectedDeadLetters: number;
  /** The one thing that happened, where that was all. */
  readonly outage?: 'kafka' | 'database';
  /** How decisions reached the notifications' channel; absent where no notifications ran. */
  readonly notified?: 'through RabbitMQ' | 'straight from Kafka';
}

export interface CallLine {
  readonly kind: 'call';
  /** Pairs it with its answer. */
  readonly call: number;
  readonly what: 'place' | 'cancel' | 'read';
  /** Of a `place`: the idempotency key; of the others the order that is meant. */
  readonly key?: string;
  readonly orderId?: string;
  readonly totalCents?: number;
}

export interface AnswerLine {
  readonly kind: 'answer';
  readonly call: number;
  /** Absent where no answer came: the call may have had its effect, or not. */
  readonly status?: number;
  readonly orderId?: string;
  /** The order's status on the wire. */
  readonly word?: string;
}

/** Something was done to the shop, or came to its end. */
export interface FaultLine {
  readonly kind: 'fault';
  readonly fault: string;
  readonly target: string;
}

/** How far the group had committed, read before the next `finished` line. */
export interface CommittedLine {
  readonly kind: 'committed';
  readonly offsets: readonly { readonly partition: number; readonly committed: number }[];
}

/** Orders whose payment was seen to have an outcome, beyond those of earlier lines. */
export interface FinishedLine {
  readonly kind: 'finished';
  readonly orderIds: readonly string[];
}

export interface EventLine {
  readonly kind: 'event' | 'dead-letter';
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** When the broker wrote it, in ms. */
  readonly appendedAt: number;
}

/** An entry of the payment provider's own ledger. */
export interface LedgerLine {
  readonly kind: 'ledger';
  readonly type: 'charge' | 'refund';
  readonly orderId: string;
  readonly amountCents: number;
  /** Of a charge: `captured` where money moved. */
  readonly status?: string;
}

/** An order as it is in the end. */
export interface OrderLine {
  readonly kind: 'order';
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly totalCents: number;
  readonly key?: string;
  /** Events that still wait in its outbox. */
  readonly unsent: number;
}

/** A payment as it is in the end. */
export interface PaymentLine {
  readonly kind: 'payment';
  readonly orderId: string;
  readonly status: string;
  readonly unsent: number;
}

/** What notifications has noted about an order in the end. */
export interface NotificationLine {
  readonly kind: 'notification';
  readonly orderId: string;
  /** The decision's `ce_id`. */
  readonly eventId: string;
  readonly outcome: string;
  readonly status: string;
  /** When it was first noted as sent, in ms. */
  readonly sentAt?: number;
}

/** A letter to a client, as the other end of the channel took it. */
export interface LetterLine {
  readonly kind: 'letter';
  readonly orderId: string;
  readonly eventId: string;
  /** The order's status on the wire. */
  readonly word: string;
  /** In ms. */
  readonly takenAt: number;
}

/** Of a partition of the events' topics in the end. */
export interface LeaderLine {
  readonly kind: 'leader';
  readonly topic: string;
  readonly partition: number;
  /** How often another broker, or none, came to lead it since there is the topic. */
  readonly changes: number;
}

/** Of the payments' group in the end. */
export interface PositionLine {
  readonly kind: 'position';
  readonly partition: number;
  readonly end: number;
  readonly committed: number;
}

export type HistoryLine =
  | RunLine
  | CallLine
  | AnswerLine
  | FaultLine
  | CommittedLine
  | FinishedLine
  | EventLine
  | LedgerLine
  | OrderLine
  | PaymentLine
  | NotificationLine
  | LetterLine
  | LeaderLine
  | PositionLine;
