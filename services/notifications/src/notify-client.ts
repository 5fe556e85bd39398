import { DomainError } from '@shop/shared/errors';
import { type Decision, type Language, wordingOf } from './notification.ts';
import type { Channel, FindClient, NotificationStore } from './ports.ts';

interface Needs {
  readonly store: NotificationStore;
  readonly findClient: FindClient;
  readonly send: Channel['send'];
  readonly language: Language;
  /** Longer than finding the client and sending may take: nobody else sends it meanwhile. */
  readonly leaseMs: number;
  readonly clock: () => Date;
}

/** `duplicate` when the client has been told before. */
export type NotifyClient = (decision: Decision, traceparent: string | undefined) => Promise<'applied' | 'duplicate'>;

/**
 * Tells a client how an order was decided, once, as far as that can be had: the record is taken up before and marked after
 * the letter is sent. A process that dies between the two leaves it open whether the letter went out, and then it is sent
 * again under the same id; a mail server would not remember, so the choice is between a second mail and none.
 */
export function notifyClientWith({ store, findClient, send, language, leaseMs, clock }: Needs): NotifyClient {
  return async (decision, traceparent) => {
    const { orderId, clientId } = decision;
    const now = clock();
    const begin = await store.begin(decision, { now, until: new Date(now.getTime() + leaseMs) });
    if (begin.state === 'sent') return 'duplicate';
    if (begin.state === 'busy')
      throw new DomainError('unavailable', {
        code: 'being-sent',
        detail: 'Somebody else is sending it, or died while doing so.',
      });
    try {
      const client = await findClient(clientId, traceparent);
      await send({ decision, client, wording: wordingOf(decision, client.name, language), language, traceparent });
    } catch (error) {
      // Best effort: where it fails, the lease runs out.
      await store.release(orderId, begin.attempt, clock()).catch(() => {});
      throw error;
    }
    await store.finish(orderId, clock());
    return 'applied';
  };
}
