/**
 * The one taxonomy of failures. HTTP maps a kind to a status, consumption maps it to retry, pause or dead-letter;
 * no kind knows either.
 *
 * - `invalid`: not understandable as it is (a field is missing or malformed)
 * - `unprocessable`: understandable, but against a rule (a total that is not the sum)
 * - `not-found`, `conflict` (the present state forbids it), `stale` (the caller's version is not the present one)
 * - `unavailable`: a dependency is down; the same request may succeed later
 * - `throttled`: a dependency asked us to slow down
 */
export type ErrorKind = 'invalid' | 'unprocessable' | 'not-found' | 'conflict' | 'stale' | 'unavailable' | 'throttled';

/** One fault in the input: a JSON pointer into the body, or the name of a parameter or header. */
export interface Fault {
  readonly at: string;
  readonly detail: string;
}

interface DomainErrorOptions {
  /** A sentence for the caller: what is wrong and how to mend it. Never holds personal data. */
  readonly detail: string;
  /** A stable word for programs, for example `illegal-transition`. */
  readonly code: string;
  readonly faults?: readonly Fault[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, options: DomainErrorOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.kind = kind;
    this.code = options.code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** A service cannot start, and whoever runs it can mend that: its sentence is shown, without a stack. */
export class StartError extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'StartError';
  }
}

/** Errors that say of themselves what they are, whatever was thrown: a driver's error becomes a `DomainError` or stays. */
export type TranslateError = (error: unknown) => DomainError | undefined;

export function isDomainError(error: unknown, kind?: ErrorKind): error is DomainError {
  return error instanceof DomainError && (kind === undefined || error.kind === kind);
}

/** The error itself where it is a `DomainError`, else what `translate` makes of it. */
export function domainErrorOf(error: unknown, translate: TranslateError): DomainError | undefined {
  return error instanceof DomainError ? error : translate(error);
}

/** The error as one of a dependency that is down or asks for a pause, where it is one: the same request may succeed later. */
export function outageOf(error: unknown, translate: TranslateError): DomainError | undefined {
  const known = domainErrorOf(error, translate);
  return known?.kind === 'unavailable' || known?.kind === 'throttled' ? known : undefined;
}

/** Anything can be thrown; the rest of the code wants an `Error`. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && !(value instanceof Error);
}

/** The messages of an error and its causes, for one line of a log: `GET http://…: fetch failed: connect ECONNREFUSED`. */
export function reasonOf(thrown: unknown): string {
  const messages = new Set<string>();
  let error = asError(thrown);
  for (let depth = 0; depth < 5; depth += 1) {
    // Several failed attempts at once, as of a host with two addresses, have no message, only a code.
    messages.add(error.message || String((error as { code?: unknown }).code ?? error.name));
    // MongoDB's driver names the state of its connections as a cause: an object that says nothing as a text.
    if (error.cause === undefined || isPlainObject(error.cause)) break;
    error = asError(error.cause);
  }
  return [...messages].join(': ');
}
