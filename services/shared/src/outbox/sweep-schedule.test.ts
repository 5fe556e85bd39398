import { describe, expect, it } from '@jest/globals';
import { SweepSchedule } from './sweep-schedule.ts';

/** Sweeps that often at their times, finding nothing. @returns when the next one is due */
function emptySweeps(schedule: SweepSchedule, count: number, fromMs = 0): number {
  let nowMs = fromMs;
  for (let sweep = 0; sweep < count; sweep += 1) {
    schedule.begun(nowMs);
    schedule.found(0);
    nowMs = schedule.dueAtMs;
  }
  return nowMs;
}

describe('the times of the sweeps', () => {
  it('begin at once, and go on at their interval', () => {
    const schedule = new SweepSchedule(100);
    expect(schedule.dueAtMs).toBe(Number.NEGATIVE_INFINITY);
    expect(emptySweeps(schedule, 19)).toBe(1_900);
  });

  it('become five times as far apart when twenty found nothing', () => {
    expect(emptySweeps(new SweepSchedule(100), 21)).toBe(1_900 + 500 + 500);
  });

  it('do not become rarer by sweeps that failed', () => {
    const schedule = new SweepSchedule(100);
    for (let sweep = 0; sweep < 30; sweep += 1) schedule.begun(sweep * 100);
    expect(schedule.dueAtMs).toBe(3_000);
  });

  it('are back at their interval as soon as there is something to send, counted from the last sweep', () => {
    const schedule = new SweepSchedule(100);
    const nextMs = emptySweeps(schedule, 21);
    schedule.busy();
    expect(schedule.dueAtMs).toBe(nextMs - 400);
    expect(emptySweeps(schedule, 19, nextMs)).toBe(nextMs + 1_900);
  });

  it('come to one at once where there may be more to find', () => {
    const schedule = new SweepSchedule(100);
    emptySweeps(schedule, 30);
    schedule.hurry();
    expect(schedule.dueAtMs).toBe(Number.NEGATIVE_INFINITY);
  });
});
