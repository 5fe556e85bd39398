import type { Decision, Language, Outcome, Wording } from './notification.ts';

/** What is known of telling a client. It holds nothing about the client but the order. */
export interface Notification {
  readonly orderId: string;
  readonly eventId: string;
  readonly outcome: Outcome;
  readonly status: 'sending' | 'sent';
  /** How often somebody set out to send it. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly sentAt?: Date | undefined;
}

/** `begun`: it is ours to send until the lease ends. `busy`: somebody else's lease lasts. */
export type Begin =
  | { readonly state: 'begun'; readonly attempt: number }
  | { readonly state: 'sent' }
  | { readonly state: 'busy' };

/** One record for each order, since an order is decided once; every method is one atomic write or one read. */
export interface NotificationStore {
  /** Takes the notification up. Its insert is the guard: of two that come at once, one begins. */
  readonly begin: (decision: Decision, terms: { readonly now: Date; readonly until: Date }) => Promise<Begin>;
  /** Prolongs the lease of an attempt. False when somebody else has taken over, or told the client. */
  readonly renew: (orderId: string, attempt: number, until: Date) => Promise<boolean>;
  readonly finish: (orderId: string, now: Date) => Promise<void>;
  /** Ends the lease of an attempt that failed, unless somebody else has taken over. */
  readonly release: (orderId: string, attempt: number, now: Date) => Promise<void>;
  readonly find: (orderId: string) => Promise<Notification | undefined>;
}

export interface Client {
  readonly name: string;
  readonly email: string;
}

/** @throws DomainError `not-found` where there is no such client, `unavailable` while nobody can say */
export type FindClient = (clientId: string, traceparent: string | undefined) => Promise<Client>;

export interface Letter {
  readonly decision: Decision;
  readonly client: Client;
  readonly wording: Wording;
  readonly language: Language;
  readonly traceparent: string | undefined;
}

/**
 * A way to reach a client. A letter may be handed over twice, after a crash in between: it has the same id then, by which
 * the other side can tell.
 */
export interface Channel {
  readonly name: 'smtp' | 'webhook' | 'log';
  /**
   * Resolves when the other side has taken it over.
   *
   * @throws DomainError `unprocessable` when it never will, `unavailable` or `throttled` when it may later,
   *   `unavailable` with the code `letter-unanswered` when it may have
   */
  readonly send: (letter: Letter) => Promise<void>;
  readonly close: () => void;
}
