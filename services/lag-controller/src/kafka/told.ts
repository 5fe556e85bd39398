import { isDomainError } from '@shop/shared/errors';
import type { Told } from './brokers.ts';

/** A broker that does not answer says nothing of all that it was asked about. Other errors are faults of ours, and thrown. */
export async function toldBy<T>(request: () => Promise<T>): Promise<Told<T>> {
  try {
    return { value: await request() };
  } catch (error) {
    if (!isDomainError(error, 'unavailable')) throw error;
    return { refusal: { code: 'no-answer', detail: error.message } };
  }
}

/** What an answer says of one of those that it was asked about. */
export function toldOf<K, T>(answer: Told<ReadonlyMap<K, Told<T>>>, key: K): Told<T> {
  if (answer.refusal) return answer;
  return answer.value.get(key) ?? { refusal: { code: 'left-out', detail: 'Kafka answers without a word about it.' } };
}
