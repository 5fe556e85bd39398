import type { TimelinePoint } from '../reporting/timeline.ts';

/** A quiet point, of which a test changes what it is about. */
export function pointAt(atMs: number, changed: Partial<TimelinePoint> = {}): TimelinePoint {
  return {
    atMs,
    backlog: 10,
    ageSeconds: 2,
    desired: 3,
    current: 3,
    ready: 3,
    partitions: 6,
    arrivalRate: 5,
    consumptionRate: 5,
    action: 'hold',
    reason: 'steady',
    faults: [],
    ...changed,
  };
}
