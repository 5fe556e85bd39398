export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** What is read of the report that Jest writes with --json. */
export interface JestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTestSuites: number;
  /** Test files that could not even be run. */
  readonly numRuntimeErrorTestSuites: number;
}

/** A check is one test. */
export function tallyCheck(isPassed: boolean): Tally {
  return isPassed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * A run without a report, with files of which no test was run, or that failed for another reason than a test, is at least one
 * failure. One that found no file is none where Jest was told so (`--passWithNoTests`).
 */
export function tallyJest(report: JestReport | undefined, exitCode: number | null): Tally {
  if (report === undefined) return { passed: 0, failed: 1 };
  const { success, numPassedTests: passed, numFailedTests, numTotalTestSuites, numRuntimeErrorTestSuites } = report;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const isWell = success && exitCode === 0 && (passed > 0 || numTotalTestSuites === 0);
  return { passed, failed: failed === 0 && !isWell ? 1 : failed };
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed }) => ({ passed: total.passed + passed, failed: total.failed + failed }),
    { passed: 0, failed: 0 },
  );
}
