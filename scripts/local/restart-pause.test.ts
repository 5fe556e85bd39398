import { describe, expect, it } from '@jest/globals';
import { countFailure, restartPauseMs } from './restart-pause.ts';

describe('the pause before a restart', () => {
  it('doubles with each end and stops growing at 30 s', () => {
    let failures = 0;
    const pauses = Array.from({ length: 7 }, () => {
      failures = countFailure(failures, 59_999);
      return restartPauseMs(failures);
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('begins anew after a minute of health', () => {
    expect(restartPauseMs(countFailure(6, 60_000))).toBe(1_000);
  });
});
