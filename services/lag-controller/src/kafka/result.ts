import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';
import { isDomainError } from '@shop/shared/errors';

/** Why there is no value. */
export interface KafkaError {
  /** Kafka's name of its error, as `NOT_COORDINATOR`; `no-answer` where there was none in time. */
  readonly code: string;
  /** A sentence. */
  readonly detail: string;
}

/** What Kafka says of one topic, partition or group: an error in one of them says nothing of the others. */
export type KafkaResult<T> =
  | { readonly value: T; readonly error?: never }
  | { readonly value?: never; readonly error: KafkaError };

const noError = 0;

/** @param errorCode as in the protocol: with an error, the value beside it means nothing */
export function resultOf<T>(errorCode: number, value: T): KafkaResult<T> {
  return errorCode === noError ? { value } : failureOf(errorCode);
}

/** @param errorCode as in the protocol */
export function failureOf(errorCode: number): KafkaResult<never> {
  const code = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  return { error: { code, detail: `Kafka answers: ${protocolErrors[code]?.message ?? code}` } };
}

/** A broker that does not answer is an error of all that it was asked about. Other errors are faults of ours, and thrown. */
export async function resultFrom<T>(request: () => Promise<T>): Promise<KafkaResult<T>> {
  try {
    return { value: await request() };
  } catch (error) {
    if (!isDomainError(error, 'unavailable')) throw error;
    return { error: { code: 'no-answer', detail: error.message } };
  }
}

/** Of an answer about several: what it says of one of them. */
export function resultAt<K, T>(answer: KafkaResult<ReadonlyMap<K, KafkaResult<T>>>, key: K): KafkaResult<T> {
  if (answer.error) return answer;
  return answer.value.get(key) ?? { error: { code: 'left-out', detail: 'Kafka answers without a word about it.' } };
}
