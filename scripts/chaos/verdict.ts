/** Holds what the shop promises against a recorded history. It shares no code with the services, on purpose. */
import { evidenceOf } from './evidence.ts';
import type { HistoryLine } from './history.ts';
import { allDecided, noneDoubled, noneLost, noneRefused, noneTakenBack, outlived } from './rules/answers.ts';
import { comesToRest, noneDeadLettered, nonePassed } from './rules/consumption.ts';
import { allPublished, inSequence, oneEffect } from './rules/events.ts';
import { chargedOnce, noneStaysCharged, paidIsCharged } from './rules/money.ts';
import { notifiedOnce } from './rules/notifications.ts';
import type { Rule } from './rules/rule.ts';

const rules: readonly Rule[] = [
  noneLost,
  noneDoubled,
  noneRefused,
  outlived,
  allDecided,
  noneTakenBack,
  chargedOnce,
  noneStaysCharged,
  paidIsCharged,
  allPublished,
  inSequence,
  oneEffect,
  notifiedOnce,
  nonePassed,
  noneDeadLettered,
  comesToRest,
];

export interface Finding {
  readonly promise: string;
  /** A sentence for each breach; empty where the promise was kept. */
  readonly faults: readonly string[];
}

/** One finding per promise that the history is about, in a fixed order. Pure. */
export function judge(history: readonly HistoryLine[]): Finding[] {
  const evidence = evidenceOf(history);
  return rules
    .filter(({ isAbout }) => isAbout?.(evidence) ?? true)
    .map(({ promise, faults }) => ({ promise, faults: faults(evidence) }));
}

/** Everything that is wrong, one sentence each. */
export function faultsOf(history: readonly HistoryLine[]): string[] {
  return judge(history).flatMap(({ faults }) => faults);
}
