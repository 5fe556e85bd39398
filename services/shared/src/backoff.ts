export interface Backoff {
  /** Longest first pause; each further one is twice as long. */
  readonly firstMs: number;
  /** No pause is longer than this. */
  readonly maxMs: number;
}

/**
 * The pause after `failures` failures in a row (0: the first one), in milliseconds.
 *
 * Half of it is fixed, half is drawn: processes that failed together do not come back together, yet a pause is a pause.
 * With the whole of it drawn, four attempts could be spent within milliseconds and a passing fault would look permanent.
 *
 * @param random from 0 to 1
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: number): number {
  const longest = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 30));
  return Math.round(longest * (0.5 + random / 2));
}
