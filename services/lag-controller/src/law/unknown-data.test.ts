import { describe, expect, it } from '@jest/globals';
import { assess } from './assess.ts';
import type { Observation, PartitionSample } from './observation.ts';
import { policyOf } from './policy.ts';
import { calm, decideAfter, live, policy, type Steady } from './world.fixture.ts';

type Change = (observation: Observation) => Observation;

/** From 60 s on, the observation is changed. */
const later = (change: Change) => between(60, Number.POSITIVE_INFINITY, change);

/** After `from` and up to `to` seconds. */
function between(from: number, to: number, change: Change): Change {
  return (one) => (one.atMs > from * 1_000 && one.atMs <= to * 1_000 ? change(one) : one);
}

const unreadWhere = (isUnread: (partition: number) => boolean): Change =>
  samples((one) => (isUnread(one.partition) ? { partition: one.partition } : one));

const samples =
  (change: (sample: PartitionSample) => PartitionSample): Change =>
  ({ partitions = [], ...rest }) => ({ ...rest, partitions: partitions.map(change) });

const kafkaAway: Change = ({ partitions: _, ...rest }) => rest;

/** What is decided at each look of the half minute after `from` seconds. */
function decisionsAfter(from: number, steady: Partial<Steady>) {
  return [5, 10, 15, 20, 25, 30].map((more) => decideAfter({ ...steady, seconds: from + more }));
}

describe('data that cannot be read', () => {
  it('holds where more than a fifth of the partitions is unknown', () => {
    expect(decideAfter({ replicas: 12, change: later(unreadWhere(() => true)) })).toMatchObject({
      replicas: 12,
      action: 'hold',
      reason: 'unknown-data',
    });
  });

  it('says that the group is not seen where it has committed nothing', () => {
    const change = samples((one) => ({ ...one, committed: null }));
    const using = policyOf({ ...policy, startFrom: 'latest' });
    expect(decideAfter({ change }, using)).toMatchObject({ action: 'hold', reason: 'group-not-seen' });
    const half = samples((one) => (one.partition % 2 === 0 ? { ...one, committed: null } : one));
    expect(decideAfter({ change: half }, using)).toMatchObject({ action: 'hold', reason: 'unknown-data' });
  });

  it('does not act on the half of the partitions that it can read either', () => {
    const half = unreadWhere((partition) => partition % 2 === 0);
    const overloaded = { arrival: 30, finished: 50 / 6, replicas: 2 };
    expect(decideAfter({ ...overloaded, change: half })).toMatchObject({ replicas: 2, reason: 'unknown-data' });
  });

  it('knows that nothing waits in a partition without a commit that nobody has written to for a minute', () => {
    const using = policyOf({ ...policy, startFrom: 'latest' });
    const unvisited = samples((one) => (one.partition === 3 ? { ...one, committed: null } : one));
    const load = Array.from({ length: 12 }, (_, partition) => (partition === 3 ? 0 : 10));
    const quiet = { arrival: load, finished: load, replicas: 12, change: unvisited };
    expect(decideAfter(quiet, using)).toMatchObject({ action: 'down', terms: { unknownPartitions: [] } });
    expect(decideAfter({ ...quiet, seconds: 55 }, using).terms.unknownPartitions).toEqual([3]);
    expect(decideAfter({ ...quiet, arrival: 10 }, using).terms.unknownPartitions).toEqual([3]);
    expect(
      decideAfter({ ...quiet, arrival: 0, change: samples((one) => ({ ...one, committed: null })) }, using),
    ).toMatchObject({
      reason: 'group-not-seen',
    });
  });

  it('does not come down on one unknown partition', () => {
    const change = later(unreadWhere((partition) => partition === 3));
    const decision = decideAfter({ replicas: 12, change });
    expect(decision).toMatchObject({ replicas: 12, action: 'hold', reason: 'partly-unknown' });
    expect(decision.terms.unknownPartitions).toEqual([3]);
  });

  it('falls back to the failsafe after its time without data, and never down to it', () => {
    const change = later(kafkaAway);
    const using = policyOf({ ...policy, failsafe: { afterSeconds: 50, replicas: 8 } });
    expect(decideAfter({ replicas: 3, change }, using)).toMatchObject({ replicas: 8, reason: 'failsafe' });
    expect(decideAfter({ replicas: 12, change }, using)).toMatchObject({ replicas: 12, action: 'hold' });
  });

  it('keeps the failsafe below the maximum, and below the partitions where they are known', () => {
    const failsafe = { afterSeconds: 50, replicas: 40 };
    expect(
      decideAfter({ replicas: 3, change: kafkaAway }, policyOf({ ...policy, failsafe, maxReplicas: 7 })).replicas,
    ).toBe(7);
    expect(
      decideAfter({ replicas: 3, change: unreadWhere(() => true) }, policyOf({ ...policy, failsafe })).replicas,
    ).toBe(calm.partitions);
  });

  it('is not taken for a load that had fallen, once it can be read again', () => {
    const busy = { arrival: 50, finished: 50, replicas: 12, capacity: 55 };
    const change = between(
      60,
      700,
      unreadWhere(() => true),
    );
    for (const { replicas } of decisionsAfter(700, { ...busy, change })) expect(replicas).toBe(12);
  });

  it('is not taken for less load where it was of some partitions', () => {
    const busy = { arrival: 20, finished: 20, replicas: 12, capacity: 22 };
    const change = between(
      60,
      700,
      unreadWhere((partition) => partition >= 6),
    );
    for (const { replicas } of decisionsAfter(700, { ...busy, change })) expect(replicas).toBe(12);
  });

  it('is not time in which a surplus was seen', () => {
    const grown = samples((one) => ({ ...one, high: (one.high ?? 0) * 2, committed: (one.committed ?? 0) * 2 }));
    const change: Change = (one) => between(60, 700, kafkaAway)(later(grown)(one));
    const surplus = { arrival: 20, finished: 20, replicas: 12, capacity: 50 };
    for (const { replicas } of decisionsAfter(700, { ...surplus, change })) expect(replicas).toBe(12);
  });

  it('does not make what was seen before it unknown: the age of what waits and the partition that is stuck', () => {
    const change = between(395, 400, kafkaAway);
    const stopped = { arrival: 10, finished: 0, capacity: 50 };
    expect(decideAfter({ ...stopped, seconds: 405, change }).terms.ageSeconds).toBeGreaterThan(150);
    const finished = Array.from({ length: 12 }, (_, partition) => (partition === 3 ? 0 : 10));
    const { stalled } = decideAfter({ finished, seconds: 410, change }).terms;
    expect(stalled).toMatchObject([{ partition: 3 }]);
    expect(stalled[0]?.forSeconds).toBeGreaterThan(150);
  });

  it('is no rise of the load, three quarters of a minute later', () => {
    const flat = { arrival: 20, finished: 20, capacity: 50, seconds: 445 };
    const { history, nowMs } = live({ ...calm, ...flat, change: between(395, 400, kafkaAway) });
    const { arrivalRate, arrivalAhead } = assess(history, policy, nowMs, 50);
    expect(arrivalAhead.reduce((sum, one) => sum + one, 0)).toBeCloseTo(arrivalRate);
  });

  it('is no rise of the load either where one look of long ago is all that is left from before it', () => {
    const using = policyOf({ ...policy, lagSeconds: 3_600 });
    const flat = { arrival: 20, finished: 20, capacity: 50, seconds: 3_310 };
    const { history, nowMs } = live({ ...calm, ...flat, change: between(2_960, 3_260, kafkaAway) }, { using });
    const { arrivalRate, arrivalAhead } = assess(history, policy, nowMs, 50);
    expect(arrivalRate).toBeGreaterThan(200);
    expect(arrivalAhead.reduce((sum, one) => sum + one, 0)).toBeCloseTo(arrivalRate);
  });

  it('is no proof that consumers commit at once: what they look behind by between commits is taken from looks that saw it', () => {
    const committing = { arrival: 20, finished: 20, capacity: 50, seconds: 430 };
    const behind = samples((one) => ({ ...one, committed: Math.max(0, (one.committed ?? 0) - 40) }));
    const unread = between(
      395,
      400,
      unreadWhere(() => true),
    );
    const secondsOf = (change: Change) => {
      const { history, nowMs } = live({ ...calm, ...committing, change });
      return assess(history, policy, nowMs, 50).commitSeconds;
    };
    expect(secondsOf(behind)).toBeCloseTo(4);
    const noCommits = between(
      395,
      400,
      samples(({ committed: _, ...one }) => one),
    );
    expect(secondsOf((one) => unread(behind(one)))).toBeCloseTo(4);
    expect(secondsOf((one) => noCommits(behind(one)))).toBeCloseTo(4);
  });

  it('calls for the failsafe too where a few partitions can still be read', () => {
    const using = policyOf({ ...policy, failsafe: { afterSeconds: 50, replicas: 8 } });
    const change = later(unreadWhere((partition) => partition > 0));
    expect(decideAfter({ replicas: 3, change }, using)).toMatchObject({ replicas: 8, reason: 'failsafe' });
  });

  it('calls for the failsafe after long, too, where nothing was ever read', () => {
    const using = policyOf({ ...policy, failsafe: { afterSeconds: 400, replicas: 8 } });
    const decisionAt = (seconds: number) => decideAfter({ replicas: 3, change: kafkaAway, seconds }, using);
    expect(decisionAt(395)).toMatchObject({ action: 'hold', reason: 'unknown-data' });
    expect(decisionAt(405)).toMatchObject({ replicas: 8, reason: 'failsafe' });
  });
});
