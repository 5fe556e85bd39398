import type { ChargeAnswer, Payment } from './payment.ts';
import type { Provider } from './ports.ts';

export interface MemoryProvider extends Provider {
  /** Every call, as `charge ORDER`, in the order they came. */
  readonly calls: string[];
  /** How much was taken and given back per order, in cents: a second charge or refund of an order changes nothing. */
  readonly taken: Map<string, number>;
  readonly returned: Map<string, number>;
  /** Declines instead of charging. */
  declines: boolean;
  /** Thrown by the next charge or refund: `before` it counts, or `after`, as when the answer is lost. */
  failure: { readonly when: 'before' | 'after'; readonly error: Error } | undefined;
}

/** The payment provider for tests without I/O. */
export function memoryProvider(): MemoryProvider {
  const answers = new Map<string, ChargeAnswer>();

  function failIf(when: 'before' | 'after'): void {
    if (provider.failure?.when !== when) return;
    const { error } = provider.failure;
    provider.failure = undefined;
    throw error;
  }

  function answerOf({ orderId, amountCents }: Payment): ChargeAnswer {
    if (provider.declines) return { captured: false, reason: 'insufficient_funds' };
    provider.taken.set(orderId, amountCents);
    return { captured: true, chargeId: `ch_${orderId}` };
  }

  const provider: MemoryProvider = {
    calls: [],
    taken: new Map(),
    returned: new Map(),
    declines: false,
    failure: undefined,
    async charge(payment) {
      provider.calls.push(`charge ${payment.orderId}`);
      failIf('before');
      const answer = answers.get(payment.orderId) ?? answerOf(payment);
      answers.set(payment.orderId, answer);
      failIf('after');
      return answer;
    },
    async findCharge(orderId) {
      provider.calls.push(`find ${orderId}`);
      return answers.get(orderId);
    },
    async refund({ orderId, amountCents, chargeId }) {
      provider.calls.push(`refund ${orderId}`);
      failIf('before');
      if (!provider.taken.has(orderId) || chargeId !== `ch_${orderId}`) throw new Error('there is no such charge');
      provider.returned.set(orderId, amountCents);
      failIf('after');
    },
  };
  return provider;
}
