const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const healthyAfterMs = 60_000;

/** How often a process ended without a minute of health in between: 0 before its first end. */
export type Failures = number;

/** The count after an end: one more, or the first again if the process had been ready for a minute. */
export function countFailure(failures: Failures, readyForMs: number): Failures {
  return readyForMs >= healthyAfterMs ? 1 : failures + 1;
}

/** 1 s after the first failure, twice as long after each further one, 30 s at most. */
export function restartPauseMs(failures: Failures): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1));
}
