import { describe, expect, it } from '@jest/globals';
import { sum, tallyCheck, tallyJest } from './test-tally.ts';

const report = {
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numTotalTestSuites: 3,
  numRuntimeErrorTestSuites: 0,
};
const empty = { ...report, numPassedTests: 0, numTotalTestSuites: 0 };

describe('the tally of a test run', () => {
  it('adds checks and tests', () => {
    expect(sum([tallyCheck(true), tallyCheck(false), tallyJest(report, 0)])).toEqual({ passed: 6, failed: 1 });
  });

  it('counts a test file that could not be run as a failure', () => {
    const failing = { ...report, success: false, numFailedTests: 2, numRuntimeErrorTestSuites: 1 };
    expect(tallyJest(failing, 1)).toEqual({ passed: 5, failed: 3 });
  });

  it.each([
    ['Jest crashed before it wrote its report', undefined, 1],
    ['Jest was killed after it', report, null],
    ['no test of its files was run', { ...report, numPassedTests: 0 }, 0],
    ['no file was found', { ...empty, success: false }, 1],
    ['something else than a test failed', { ...report, success: false }, 1],
  ])('is a failure when %s', (_case, given, exitCode) => {
    expect(tallyJest(given, exitCode).failed).toBe(1);
  });

  it('is empty when Jest was told that there may be no file', () => {
    expect(tallyJest(empty, 0)).toEqual({ passed: 0, failed: 0 });
  });
});
