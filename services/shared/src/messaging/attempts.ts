import { type Backoff, backoffMs } from '../backoff.ts';
import type { TranslateError } from '../errors.ts';
import { pause } from '../pause.ts';
import { judge, type Verdict } from './failure-policy.ts';
import { type Gate, Outage, type WhileWaiting } from './gate.ts';

/** Thrown by work that will never succeed. */
class Rejection extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict, cause: unknown) {
    super(verdict.reason, { cause });
    this.verdict = verdict;
  }
}

export interface AttemptPolicy {
  /** How often work is tried before the partition waits for the outage to end, or the message is given up. */
  readonly attempts: number;
  readonly pause: Backoff;
}

export interface Attempts<T> {
  readonly policy: AttemptPolicy;
  readonly random: () => number;
  readonly gate: Gate;
  readonly translate: TranslateError;
  /** Ends all pauses, and with them the work, when the partition is not ours any more or the process stops. */
  readonly signal: AbortSignal;
  /** Places the work among others that wait: its offset. */
  readonly order: bigint;
  readonly whileWaiting: WhileWaiting;
  readonly work: () => Promise<T>;
  /** Instead of work that cannot succeed. Whatever it fails with counts as an outage: nothing is given up unrecorded. */
  readonly giveUp: (verdict: Verdict, cause: unknown) => Promise<T>;
  readonly onFailure: (verdict: Verdict, cause: unknown) => void;
}

/** No longer than this a slot is kept only because a dependency asked for a pause. */
const longestPauseInPlaceMs = 5_000;

/**
 * Tries work until it is done or given up: in place for a few seconds, then behind the gate for as long as an outage
 * takes.
 *
 * @throws the signal's reason; nothing else
 */
export async function attempt<T>(options: Attempts<T>): Promise<T> {
  const { gate, order, whileWaiting, giveUp } = options;
  try {
    return await gate.run(order, (isOldest) => tryInPlace(options, isOldest), whileWaiting);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return await gate.run(order, () => outageIfItFails(() => giveUp(error.verdict, error.cause)), whileWaiting);
  }
}

interface Failures {
  all: number;
  /** Those of which it is not known that they are an outage: only these can have a message given up. */
  unknown: number;
  /** The others wait for what this finds out of an outage, and will again if it comes to no end. */
  readonly isOldest: boolean;
}

async function tryInPlace<T>(options: Attempts<T>, isOldest: boolean): Promise<T> {
  options.signal.throwIfAborted();
  const failures: Failures = { all: 0, unknown: 0, isOldest };
  for (;;) {
    try {
      return await options.work();
    } catch (error) {
      await beforeNextAttempt(options, error, failures);
    }
  }
}

/** @throws Outage or Rejection when there is no next attempt in place */
async function beforeNextAttempt<T>(options: Attempts<T>, error: unknown, failures: Failures) {
  const { policy, random, gate, translate, signal, onFailure } = options;
  const verdict = judge(error, translate);
  onFailure(verdict, error);
  failures.all += 1;
  if (verdict.answer === 'transient') failures.unknown += 1;
  const pauseMs = Math.max(backoffMs(policy.pause, failures.all - 1, random()), verdict.retryAfterMs);
  const next = nextStep(verdict.answer, {
    isLast: (verdict.answer === 'transient' ? failures.unknown : failures.all) >= policy.attempts,
    outageIsKnown: !gate.isOpen || pauseMs > longestPauseInPlaceMs,
    isOldest: failures.isOldest,
  });
  if (next === 'give up') throw new Rejection(verdict, error);
  if (next === 'wait') throw new Outage(error, verdict.retryAfterMs);
  await pause(Math.min(pauseMs, longestPauseInPlaceMs), signal);
  signal.throwIfAborted();
  // Another message of the partition found out meanwhile: no need to try again just for that.
  if (verdict.answer !== 'transient' && !gate.isOpen) throw new Outage(error, verdict.retryAfterMs);
}

interface Standing {
  readonly isLast: boolean;
  readonly outageIsKnown: boolean;
  readonly isOldest: boolean;
}

function nextStep(
  answer: Verdict['answer'],
  { isLast, outageIsKnown, isOldest }: Standing,
): 'again' | 'wait' | 'give up' {
  switch (answer) {
    case 'reject':
      return 'give up';
    case 'transient':
      if (!isLast) return 'again';
      // Odd errors come at the edges of outages: what fails in one is tried once more after it.
      return outageIsKnown && !isOldest ? 'wait' : 'give up';
    default:
      return isLast || outageIsKnown ? 'wait' : 'again';
  }
}

async function outageIfItFails<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Outage(error, 0);
  }
}
