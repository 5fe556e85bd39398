/** What the client's answers and errors mean. */
import { AuthenticationError, protocolErrors, protocolErrorsCodesById, ResponseError } from '@platformatic/kafka';
import { DomainError, reasonOf } from '@shop/shared/errors';
import type { Address, Told } from './brokers.ts';

/** The client throws an answer away that has an error in any part of it; it hangs on what is thrown. */
export async function answerOf<T>(broker: Address, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ResponseError && error.response !== undefined) return error.response as T;
    throw unavailable(broker, error);
  }
}

function unavailable(broker: Address, thrown: unknown): DomainError {
  const isRefused = thrown instanceof Error && thrown.cause instanceof AuthenticationError;
  return new DomainError('unavailable', {
    code: 'kafka-unavailable',
    detail: `Kafka ${isRefused ? 'refuses the login' : 'does not answer'} at ${broker}: ${reasonOf(thrown)}`,
    cause: thrown,
  });
}

export const noError = 0;

export function told<T>(errorCode: number, value: T): Told<T> {
  return errorCode === noError ? { value } : refused(errorCode);
}

/** @param errorCode as in the protocol */
export function refused(errorCode: number): Told<never> {
  const code = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  return { refusal: { code, detail: `Kafka answers: ${protocolErrors[code]?.message ?? code}` } };
}
