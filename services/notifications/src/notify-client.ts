import { backoffMs } from '@shop/shared/backoff';
import { DomainError } from '@shop/shared/errors';
import { type Decision, type Language, wordingOf } from './notification.ts';
import { type Channel, type FindClient, LetterUnanswered, type NotificationStore } from './ports.ts';

interface Needs {
  readonly store: NotificationStore;
  readonly findClient: FindClient;
  readonly send: Channel['send'];
  readonly language: Language;
  /** Longer than finding the client may take, and than sending: nobody else sends it meanwhile. */
  readonly leaseMs: number;
  readonly clock: () => Date;
  readonly wait: (ms: number) => Promise<void>;
}

const patience = { firstMs: 100, maxMs: 2_000 };

/** A server that needs longer than our patience to accept a letter may have delivered every one of them. */
const mostUnanswered = 3;

/** `duplicate` when the client has been told before. */
export type NotifyClient = (decision: Decision, traceparent: string | undefined) => Promise<'applied' | 'duplicate'>;

/**
 * Tells a client how an order was decided, once, as far as that can be had: the record is taken up before and marked after
 * the letter is sent. A process that dies between the two leaves it open whether the letter went out, and then it is sent
 * again under the same id; a mail server would not remember, so the choice is between a second mail and none. The lease is
 * looked at just before the letter goes: one who stood still for longer than it lasts finds that somebody else went on.
 * Only one who stands still between that look and the letter can still be second.
 */
export function notifyClientWith(needs: Needs): NotifyClient {
  const { store, findClient, send, language, leaseMs, clock } = needs;
  const leaseEnd = () => new Date(clock().getTime() + leaseMs);

  /** The letter is out, and who does not note it sends it again: while the database is away, for as long as the lease lasts. */
  async function note(orderId: string, until: Date): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await store.finish(orderId, clock());
      } catch (error) {
        if (clock() >= until) throw error;
        await needs.wait(backoffMs(patience, failures, Math.random()));
      }
    }
  }

  return async (decision, traceparent) => {
    const { orderId, clientId } = decision;
    const begin = await store.begin(decision, { now: clock(), until: leaseEnd() });
    if (begin.state === 'sent') return 'duplicate';
    if (begin.state === 'busy') throw beingSent();
    let until: Date;
    try {
      const client = await findClient(clientId, traceparent);
      until = leaseEnd();
      if (!(await store.renew(orderId, begin.attempt, until))) throw beingSent();
      await send({ decision, client, wording: wordingOf(decision, client.name, language), language, traceparent });
    } catch (error) {
      const isUnanswered = error instanceof LetterUnanswered;
      // Best effort: where it fails, the lease runs out.
      const unanswered = await store.release(orderId, begin.attempt, { now: clock(), isUnanswered }).catch(() => 0);
      throw isUnanswered && unanswered >= mostUnanswered ? neverAnswered(unanswered) : error;
    }
    await note(orderId, until);
    return 'applied';
  };
}

function neverAnswered(letters: number): DomainError {
  return new DomainError('unprocessable', {
    code: 'delivery-unknown',
    detail: `${letters} letters went out and none was answered in time: the client may have them all.`,
  });
}

function beingSent(): DomainError {
  return new DomainError('unavailable', {
    code: 'being-sent',
    detail: 'Somebody else is sending it, or died while doing so.',
  });
}
