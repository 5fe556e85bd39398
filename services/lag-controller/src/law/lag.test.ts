import { describe, expect, it } from '@jest/globals';
import { ageSecondsOf, backlogOf, endsInMarkers, hasReachedEnd } from './lag.ts';
import type { Look } from './look.ts';
import { positionOf } from './position.ts';

const look = (atMs: number, high: number, done: number): Look => ({ atMs, high: [high], done: [done] });

describe('positionOf', () => {
  const read = { partition: 0, high: 100, low: 20, committed: 60 };

  it('takes what was committed', () => {
    expect(positionOf(read, 'latest')).toEqual({ high: 100, done: 60 });
  });

  it.each(['high', 'low', 'committed'] as const)('knows nothing where %s could not be read', (field) => {
    const { [field]: _, ...rest } = read;
    expect(positionOf(rest, 'earliest')).toBeUndefined();
  });

  it('does not count what retention has deleted as work', () => {
    expect(positionOf({ ...read, committed: 5 }, 'latest')).toEqual({ high: 100, done: 20 });
  });

  it('begins at the start of the log for a group that never committed and reads from the earliest', () => {
    expect(positionOf({ ...read, committed: null }, 'earliest')).toEqual({ high: 100, done: 20 });
  });

  it('knows nothing of a group that never committed and reads from the latest, unless the log is empty', () => {
    expect(positionOf({ ...read, committed: null }, 'latest')).toBeUndefined();
    expect(positionOf({ ...read, low: 100, committed: null }, 'latest')).toEqual({ high: 100, done: 100 });
  });

  it('is never ahead of the log, as after a topic was made anew', () => {
    expect(positionOf({ ...read, committed: 500 }, 'latest')).toEqual({ high: 100, done: 100 });
  });
});

describe('backlogOf', () => {
  const quiet = [0, 10, 20, 30].map((second) => look(second * 1_000, 8, 7));
  const now = { nowMs: 30_000, markers: 'possible' } as const;

  it('takes a last offset that nobody can finish for the marker of a transaction', () => {
    expect(backlogOf({ high: 8, done: 7 }, quiet, 0, now)).toBe(0);
  });

  it('counts it where the group was seen to get past the last offset: then it is a message that waits', () => {
    expect(backlogOf({ high: 8, done: 7 }, quiet, 0, { ...now, markers: 'none' })).toBe(1);
  });

  it('does not wait for that where the group ends at markers as a rule', () => {
    expect(backlogOf({ high: 8, done: 7 }, quiet.slice(2), 0, { nowMs: 30_000, markers: 'usual' })).toBe(0);
    expect(backlogOf({ high: 9, done: 7 }, quiet.slice(2), 0, { nowMs: 30_000, markers: 'usual' })).toBe(2);
  });

  it('counts one message that has just come', () => {
    expect(backlogOf({ high: 8, done: 7 }, quiet.slice(2), 0, now)).toBe(1);
  });

  it('counts two messages however quiet it is', () => {
    const two = quiet.map(({ atMs }) => look(atMs, 8, 6));
    expect(backlogOf({ high: 8, done: 6 }, two, 0, now)).toBe(2);
  });
});

describe('hasReachedEnd', () => {
  it('is so where a group that moved on stays at the end', () => {
    expect(hasReachedEnd([look(0, 7, 5), look(5_000, 8, 8), look(10_000, 8, 8)])).toBe(true);
  });

  it('is not where it only seems so, as the end was read before the commit', () => {
    expect(hasReachedEnd([look(0, 7, 5), look(5_000, 8, 8)])).toBe(false);
    expect(hasReachedEnd([look(0, 7, 5), look(5_000, 8, 8), look(10_000, 10, 10)])).toBe(false);
  });

  it('is not where all was deleted for its age, and the marker with it', () => {
    expect(hasReachedEnd([look(0, 8, 7), look(5_000, 8, 8), look(10_000, 8, 8)])).toBe(false);
  });

  it('is not by a partition of which nothing is kept, though it grew within the looks of a long objective', () => {
    const emptied = { ...look(10_000, 8, 8), atEndAnyway: [0] };
    expect(hasReachedEnd([look(0, 7, 5), look(5_000, 8, 8), emptied])).toBe(false);
  });

  it('is not by a partition on which nothing was done', () => {
    expect(hasReachedEnd([look(0, 8, 8), look(5_000, 8, 8), look(10_000, 8, 8)])).toBe(false);
  });

  it('is not one before the end, where a marker may be', () => {
    expect(hasReachedEnd([look(0, 7, 5), look(5_000, 8, 7), look(10_000, 8, 7)])).toBe(false);
  });
});

describe('endsInMarkers', () => {
  const group = { state: 'Stable', members: 2 } as const;
  const looks = (high: number[], done: number[], of: Look['group'] = group): Look[] =>
    [0, 10, 20, 30].map((second) => ({ atMs: second * 1_000, high, done, ...(of && { group: of }) }));

  it('is so where a group that is there stays one behind wherever it is quiet', () => {
    expect(endsInMarkers(looks([8, 20], [7, 19]))).toBe(true);
  });

  it('is not where it is at the end of one of them, or more behind', () => {
    expect(endsInMarkers(looks([8, 20, 9], [7, 19, 9]))).toBe(false);
    expect(endsInMarkers(looks([8, 20], [7, 18]))).toBe(false);
  });

  it('is so beside one that is empty', () => {
    const emptied = looks([8, 20], [7, 20]).map((one) => ({ ...one, atEndAnyway: [1] }));
    expect(endsInMarkers(emptied)).toBe(true);
  });

  it('is not where nobody is there to finish a message', () => {
    expect(endsInMarkers(looks([8, 20], [7, 19], { state: 'Empty', members: 0 }))).toBe(false);
  });

  it('is not before half a minute has passed', () => {
    expect(endsInMarkers(looks([8], [7]).slice(1))).toBe(false);
  });
});

describe('ageSecondsOf', () => {
  const past = [0, 10, 20].map((second) => look(second * 1_000, 100 + 10 * second, 0));

  it('is 0 where nothing waits', () => {
    expect(ageSecondsOf({ high: 300, done: 300 }, past, 0, 20_000)).toBe(0);
  });

  it('says when the end of the log passed the offset, between two looks by a straight line', () => {
    expect(ageSecondsOf({ high: 300, done: 150 }, past, 0, 20_000)).toBeCloseTo(15);
  });

  it('continues the rate into the time before the first look', () => {
    expect(ageSecondsOf({ high: 300, done: 50 }, past, 0, 20_000)).toBeCloseTo(25);
  });

  it('does not reach back to a topic of the same name that was deleted', () => {
    const anew = [...past, look(30_000, 10, 0), look(40_000, 30, 0)];
    expect(ageSecondsOf({ high: 30, done: 5 }, anew, 0, 40_000)).toBeCloseTo(12.5);
    expect(ageSecondsOf({ high: 30, done: 20 }, anew, 0, 40_000)).toBeCloseTo(5);
  });

  it('is at least as old as the first look where no message has come since', () => {
    const still = past.map(({ atMs }) => look(atMs, 300, 0));
    expect(ageSecondsOf({ high: 300, done: 50 }, still, 0, 20_000)).toBe(20);
  });
});
