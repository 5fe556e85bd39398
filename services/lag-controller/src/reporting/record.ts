import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '@shop/shared/log';
import type { Decision } from '../law/decision.ts';
import type { History } from '../law/history.ts';
import type { Observation } from '../law/observation.ts';
import { observe } from '../law/observe.ts';
import type { Policy } from '../law/policy.ts';
import { decide } from '../law/scaling.ts';

/** All that a decision was made from, and the decision: one line of JSON. */
export interface DecisionRecord {
  readonly scaler: string;
  readonly before: History;
  readonly observation: Observation;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly decision: Decision;
}

/**
 * Appends to `file`; one that has reached `maxBytes` becomes `file.1`, in the place of the one before. A disk that is full
 * costs records, told in the log once, and no decision.
 */
export function recordTo(file: string, maxBytes: number, log: Logger): (record: DecisionRecord) => void {
  mkdirSync(dirname(file), { recursive: true });
  let isTold = false;
  return (record) => {
    try {
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size >= maxBytes) renameSync(file, `${file}.1`);
      appendFileSync(file, `${JSON.stringify(record)}\n`);
      isTold = false;
    } catch (error) {
      if (!isTold) log.warn({ err: error, file }, 'decisions cannot be recorded');
      isTold = true;
    }
  };
}

/** What the law says now to what was recorded, as JSON keeps it. */
export function decideAgain({ before, observation, policy, nowMs }: DecisionRecord): Decision {
  return JSON.parse(JSON.stringify(decide(observe(before, observation, policy), policy, nowMs)));
}
