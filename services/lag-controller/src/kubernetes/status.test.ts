import { describe, expect, it } from '@jest/globals';
import { newHistory } from '../law/history.ts';
import type { Observation } from '../law/observation.ts';
import { observe } from '../law/observe.ts';
import { decide } from '../law/scaling.ts';
import type { Round } from '../scaler.ts';
import { lagScalerOf } from './lag-scaler.fixture.ts';
import { type LagScalerStatus, policyOfLagScaler } from './lag-scaler.ts';
import { occurrencesOf } from './occurrence.ts';
import { isNews, statusOf } from './status.ts';

const scaler = lagScalerOf();
const atMs = Date.parse('2026-01-01T12:00:00Z');
const calm: Observation = {
  atMs,
  partitions: [0, 1].map((partition) => ({ partition, low: 0, high: 100, committed: 95 })),
  group: { state: 'Stable', members: 1 },
  target: { desired: 1, current: 1, ready: 1, rollingOut: false },
};

function roundOf(observation: Observation, changes: Partial<Round> = {}): Round {
  const policy = policyOfLagScaler(scaler);
  const history = observe(newHistory(undefined), observation, policy);
  const decision = decide(history, policy, observation.atMs);
  return { scaler: 'shop/payments', observation, decision, learned: {}, faults: [], ...changes };
}

const status = (round: Round, conflict?: string, before?: LagScalerStatus, nowMs = atMs) =>
  statusOf(scaler, round, { conflict, before, nowMs });
const conditionsOf = ({ conditions }: LagScalerStatus) =>
  Object.fromEntries((conditions ?? []).map(({ type, status: state, reason }) => [type, `${state} ${reason}`]));
const messagesOf = ({ conditions }: LagScalerStatus) =>
  Object.fromEntries((conditions ?? []).map(({ type, message }) => [type, message]));

describe('the status of a LagScaler', () => {
  it('is ready, fresh and unlimited while all is well, for the generation that was read', () => {
    const calmStatus = status(roundOf(calm));
    expect(calmStatus).toMatchObject({
      observedGeneration: 3,
      lag: 10,
      partitions: 2,
      desiredReplicas: 1,
      currentReplicas: 1,
    });
    expect(conditionsOf(calmStatus)).toEqual({
      Ready: 'True AsDecided',
      Stalled: 'False AsDecided',
      MetricsFresh: 'True Read',
      ScalingLimited: 'False WithinLimits',
      PartitionStalled: 'False OffsetsMove',
      Paused: 'False NotPaused',
      Conflict: 'False NoOtherScaler',
    });
  });

  it('is not ready without data, and claims no lag', () => {
    const { partitions: _, ...blind } = calm;
    const round = roundOf(blind, { faults: ['offsets: Kafka does not answer.'] });
    expect(status(round)).toMatchObject({ lag: null, partitions: null });
    expect(conditionsOf(status(round))).toMatchObject({
      Ready: 'False DataUnknown',
      MetricsFresh: 'False Unknown',
      Stalled: 'False DataUnknown',
    });
  });

  it('is as ready and fresh without the metrics of the consumers, and says what could not be read of them', () => {
    const workFault = 'consumer metrics: 0 of 3 pages could be read: too late';
    const unread = status(roundOf(calm, { faults: [workFault], workFault }));
    expect(conditionsOf(unread)).toEqual(conditionsOf(status(roundOf(calm))));
    expect(messagesOf(unread)).toMatchObject({
      Ready: `Asked for: 1 replicas for an objective of 30 s. ${workFault}`,
      MetricsFresh: '',
    });
    expect(isNews(status(roundOf(calm)), unread)).toBe(false);
  });

  it('does not take what could not be read of the consumers for the reason why it is not ready', () => {
    const workFault = 'consumer metrics: 0 of 3 pages could be read: too late';
    const blind = { ...calm, partitions: [0, 1].map((partition) => ({ partition, low: 0, high: 100 })) };
    expect(messagesOf(status(roundOf(blind, { faults: [workFault], workFault })))).toMatchObject({
      Ready: 'Too many partitions are unknown.',
      MetricsFresh: 'Not known of partitions 0, 1.',
    });
    const faults = ['offsets: Kafka does not answer.', workFault];
    expect(messagesOf(status(roundOf(blind, { faults, workFault })))).toMatchObject({ Ready: faults[0] });
  });

  it('says of a group that has committed nothing that it may be called otherwise', () => {
    const blind = {
      ...calm,
      partitions: [0, 1].map((partition) => ({ partition, low: 0, high: 100, committed: null })),
    };
    expect(messagesOf(status(roundOf(blind)))).toMatchObject({
      Ready:
        'The group has never committed on partitions 0, 1: see that consumerGroup is its name, or set policy.startFrom to earliest where it begins there.',
    });
  });

  it('says that nothing is scaled that somebody has asked for no replicas of', () => {
    const none = { ...calm, target: { desired: 0, current: 0, ready: 0, rollingOut: false } };
    expect(conditionsOf(status(roundOf(none)))).toMatchObject({ ScalingLimited: 'True ScaledToZero' });
  });

  it('asks for a person where the target cannot be read, or somebody else scales it', () => {
    const { target: _, ...targetless } = calm;
    const missing = roundOf(targetless, { targetFault: 'not-found' });
    expect(conditionsOf(status(missing))).toMatchObject({
      Ready: 'False TargetNotReadable',
      Stalled: 'True TargetNotReadable',
    });
    const silent = roundOf(targetless, { targetFault: 'unavailable' });
    expect(conditionsOf(status(silent))).toMatchObject({
      Ready: 'False TargetNotReadable',
      Stalled: 'False TargetNotReadable',
    });
    expect(conditionsOf(status(roundOf(calm), 'A rival.'))).toMatchObject({
      Ready: 'False Conflict',
      Stalled: 'True Conflict',
      Conflict: 'True AnotherScaler',
    });
  });

  it('is ready in a dry run, beside another scaler too, and says that nothing is asked for', () => {
    const dry = lagScalerOf({ dryRun: true });
    const found = statusOf(dry, roundOf(calm), { conflict: 'A rival.', before: undefined, nowMs: atMs });
    expect(conditionsOf(found)).toMatchObject({
      Ready: 'True DryRun',
      Stalled: 'False DryRun',
      Conflict: 'True AnotherScaler',
    });
  });

  it('is paused while an annotation says so, whatever there is to hold', () => {
    const half = lagScalerOf({ annotations: { 'lagscaler.io/paused-scale-in': 'true' } });
    const found = statusOf(half, roundOf(calm), { before: undefined, nowMs: atMs });
    expect(conditionsOf(found).Paused).toBe('True Annotated');
  });

  it('names no more partitions that stand still than the definition takes', () => {
    const round = roundOf(calm);
    const stalled = Array.from({ length: 300 }, (_, partition) => ({ partition, offset: 1, forSeconds: 60 }));
    const many = { ...round, decision: { ...round.decision, terms: { ...round.decision.terms, stalled } } };
    expect(status(many).stalledPartitions).toHaveLength(100);
  });

  it('keeps the time of a condition while its state is the same, and the time of the last scaling', () => {
    const before = status(roundOf(calm, { written: 2 }));
    const after = status(roundOf(calm), 'A rival.', before, atMs + 60_000);
    const times = (type: string) =>
      [before, after].map(({ conditions }) => conditions?.find((one) => one.type === type)?.lastTransitionTime);
    expect(times('MetricsFresh')).toEqual(['2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z']);
    expect(times('Ready')).toEqual(['2026-01-01T12:00:00Z', '2026-01-01T12:01:00Z']);
    expect([before.lastScaleTime, after.lastScaleTime]).toEqual(['2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z']);
  });

  it('is news when a condition changes, not when the lag drifts', () => {
    const drifted = {
      ...calm,
      partitions: [0, 1].map((partition) => ({ partition, low: 0, high: 110, committed: 103 })),
    };
    const before = status(roundOf(calm));
    expect(isNews(before, status(roundOf(drifted)))).toBe(false);
    expect(isNews(before, status(roundOf(calm), 'A rival.'))).toBe(true);
    expect(isNews(undefined, before)).toBe(true);
  });
});

describe('the Events of a LagScaler', () => {
  const occurrences = (before: LagScalerStatus | undefined, round: Round, conflict?: string) =>
    occurrencesOf(scaler, { before, after: status(round, conflict, before), round });

  it('tell of a scaling, with its reason', () => {
    const round = roundOf(calm);
    const up: Round = {
      ...round,
      written: 4,
      decision: { ...round.decision, action: 'up', reason: 'objective-at-risk' },
    };
    expect(occurrences(status(round), up)).toEqual([
      {
        type: 'Normal',
        reason: 'ScaledUp',
        note: expect.stringMatching(/^Deployment payments: 1 → 4 \(objective-at-risk; 10 messages wait/),
      },
    ]);
  });

  it('warn once when something goes wrong and tell once when it is well again', () => {
    const { partitions: _, ...blind } = calm;
    const blindRound = roundOf(blind, { faults: ['offsets: Kafka does not answer.'] });
    const well = status(roundOf(calm));
    const warnings = occurrences(well, blindRound);
    expect(warnings).toContainEqual({
      type: 'Warning',
      reason: 'DataUnknown',
      note: 'offsets: Kafka does not answer.',
    });
    const ill = status(blindRound, undefined, well);
    expect(occurrences(ill, blindRound)).toEqual([]);
    expect(occurrences(ill, roundOf(calm)).map(({ type, note }) => `${type}: ${note}`)).toEqual([
      'Normal: Ready is True again.',
      'Normal: MetricsFresh is True again.',
    ]);
  });

  it('say nothing about a new LagScaler with which all is well', () => {
    expect(occurrences(undefined, roundOf(calm))).toEqual([]);
  });
});
