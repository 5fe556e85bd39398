import { backoffMs } from '@shop/shared/backoff';
import { DomainError } from '@shop/shared/errors';
import { pause } from '@shop/shared/pause';
import { validTraceparent } from '@shop/shared/tracing/traceparent';
import { type Decision, type Language, wordingOf } from './notification.ts';
import type { Channel, FindClient, Letter, NotificationStore } from './ports.ts';

interface Needs {
  readonly store: NotificationStore;
  readonly findClient: FindClient;
  readonly send: Channel['send'];
  readonly language: Language;
  /** Longer than finding the client may take: nobody else sends it meanwhile. While it is sent, the lease is prolonged. */
  readonly leaseMs: number;
  readonly clock: () => Date;
  readonly wait: (ms: number) => Promise<void>;
}

const patience = { firstMs: 100, maxMs: 2_000 };

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

  /** A mail server may take minutes to accept a letter: the lease is prolonged meanwhile. @returns its end */
  async function sendWhileHeld(letter: Letter, attempt: number, leaseEndsAt: Date): Promise<Date> {
    const sent = new AbortController();
    let until = leaseEndsAt;
    const hold = async () => {
      for (;;) {
        await pause(leaseMs / 3, sent.signal);
        if (sent.signal.aborted) return;
        const next = leaseEnd();
        // The letter is on its way: who cannot prolong the lease can only try again.
        if (await store.renew(letter.decision.orderId, attempt, next).catch(() => false)) until = next;
      }
    };
    const holding = hold();
    try {
      await send(letter);
    } finally {
      sent.abort();
      // A lease that is prolonged after it was given back would keep the next attempt waiting.
      await holding;
    }
    return until;
  }

  return async (decision, given) => {
    const { orderId, clientId } = decision;
    const traceparent = validTraceparent(given);
    const begin = await store.begin(decision, { now: clock(), until: leaseEnd() });
    if (begin.state === 'sent') return 'duplicate';
    if (begin.state === 'busy') throw beingSent();
    let until: Date;
    try {
      const client = await findClient(clientId, traceparent);
      until = leaseEnd();
      if (!(await store.renew(orderId, begin.attempt, until))) throw beingSent();
      const letter = { decision, client, wording: wordingOf(decision, client.name, language), language, traceparent };
      until = await sendWhileHeld(letter, begin.attempt, until);
    } catch (error) {
      // Best effort: where it fails, the lease runs out.
      await store.release(orderId, begin.attempt, clock()).catch(() => {});
      throw error;
    }
    await note(orderId, until);
    return 'applied';
  };
}

function beingSent(): DomainError {
  return new DomainError('unavailable', {
    code: 'being-sent',
    detail: 'Somebody else is sending it, or died while doing so.',
  });
}
