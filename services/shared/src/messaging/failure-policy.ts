import { asError, domainErrorOf, type ErrorKind, type TranslateError } from '../errors.ts';

/**
 * What a failure of a handler means for its message:
 * - `reject`: it will fail whenever it is tried; it goes to the dead-letter topic at once
 * - `outage`: something the handler needs is down or asks for a pause; the message waits for as long as that takes, and nothing is
 *   dead-lettered
 * - `transient`: not known to be either; a few attempts, then the dead-letter topic
 */
export interface Verdict {
  readonly answer: 'reject' | 'outage' | 'transient';
  /** From a closed list: the code of a DomainError, or `unexpected-error`. */
  readonly code: string;
  /** For the dead letter; of an unknown error only its name, because its message may quote personal data. */
  readonly reason: string;
  /** What the dependency asked for; 0 when nothing. */
  readonly retryAfterMs: number;
}

const answers: Record<ErrorKind, Verdict['answer']> = {
  invalid: 'reject',
  unprocessable: 'reject',
  conflict: 'reject',
  'not-found': 'reject',
  stale: 'transient',
  unavailable: 'outage',
  throttled: 'outage',
};

/** What Node says when nothing can be reached; the errors of `fetch` carry it as their cause. */
const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|UND_ERR_\w+)$/;

/** Judges whatever a handler threw; `translate` is asked about errors that do not say of themselves what they are. */
export function judge(thrown: unknown, translate: TranslateError): Verdict {
  const error = domainErrorOf(thrown, translate);
  if (error === undefined && isNetworkError(thrown))
    return { answer: 'outage', code: 'network-error', reason: 'Something cannot be reached.', retryAfterMs: 0 };
  if (error === undefined)
    return {
      answer: 'transient',
      code: 'unexpected-error',
      reason: `${asError(thrown).name}: an unexpected error; the consumer's log has the details`,
      retryAfterMs: 0,
    };
  return {
    answer: answers[error.kind],
    code: error.code,
    reason: error.message,
    retryAfterMs: (error.retryAfterSeconds ?? 0) * 1_000,
  };
}

/** A safety net below `translate`: an outage that nobody has a word for must not look like a bad message. */
function isNetworkError(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; error instanceof Error && depth < 5; depth++) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && networkCodes.test(code)) return true;
    error = error.cause;
  }
  return false;
}
