import { DomainError, type TranslateError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import { judge, type Verdict } from '@shop/shared/messaging/failure-policy';
import { traceIdOf } from '@shop/shared/tracing/traceparent';
import { readDecision } from './decided-message.ts';
import type { NotifyClient } from './notify-client.ts';
import { type OutgoingTask, parkedHeaders, type Task } from './task.ts';
import { type Lane, parkedQueue } from './topology.ts';

export type TaskOutcome = 'applied' | 'duplicate' | 'retried' | 'parked';

interface Needs {
  readonly lane: Lane;
  readonly notify: NotifyClient;
  readonly publish: (task: OutgoingTask) => Promise<void>;
  readonly translate: TranslateError;
  readonly onOutcome: (outcome: TaskOutcome) => void;
  /** How long a task that is given back waits for its next attempt. */
  readonly retryDelayMs: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly clock: () => Date;
  readonly log: Logger;
}

/** A task that fails for an unknown reason after so many attempts in all is parked; an outage never parks one. */
const mostAttempts = 5;
/** RabbitMQ ends the channel of who has not answered for a task within half an hour. */
const longestHoldMs = 300_000;

/**
 * Brings a task to its end: the client was told now or before, or it comes again after the delay, or it is parked with the
 * reason for a person to look at. Rejects never.
 */
export function workTaskWith(needs: Needs): (task: Task) => Promise<'done' | 'retry'> {
  const { notify, translate, log, onOutcome } = needs;

  async function park(task: Task, { code, reason }: Verdict, attempts: number): Promise<void> {
    const at = needs.clock().toISOString();
    const why = parkedHeaders({ lane: needs.lane, code, reason, at, attempts: String(attempts) });
    const { messageId, value, headers } = task;
    await needs.publish({ exchange: '', key: parkedQueue, messageId, value, headers: { ...headers, ...why } });
  }

  async function settle(task: Task): Promise<TaskOutcome> {
    const attempts = task.failures + 1;
    const line = { ...identityOf(task), lane: needs.lane, attempts };
    try {
      const outcome = await notify(readDecision(task.value, task.headers), task.headers.traceparent);
      log.info({ ...line, outcome }, 'task handled');
      return outcome;
    } catch (error) {
      const verdict = judge(error, translate);
      const isFinal = verdict.answer === 'reject' || (verdict.answer === 'transient' && attempts >= mostAttempts);
      if (!isFinal) {
        log.warn({ ...line, code: verdict.code, err: error }, 'task failed, it comes again');
        // Whoever asks for a longer pause gets it: after a letter without an answer each attempt may be one more.
        await needs.wait(Math.min(longestHoldMs, Math.max(0, verdict.retryAfterMs - needs.retryDelayMs)));
        return 'retried';
      }
      await park(task, verdict, attempts);
      log.error({ ...line, code: verdict.code, reason: verdict.reason, ...causeOf(error) }, 'task parked');
      return 'parked';
    }
  }

  return async (task) => {
    try {
      const outcome = await settle(task);
      onOutcome(outcome);
      return outcome === 'retried' ? 'retry' : 'done';
    } catch (error) {
      log.error({ ...identityOf(task), err: error }, 'task could not be parked, it comes again');
      return 'retry';
    }
  };
}

/** Of the event's headers, as the value may be unreadable. */
function identityOf({ messageId, headers }: Task) {
  return { orderId: headers.ce_subject, ce_id: messageId, trace_id: traceIdOf(headers.traceparent) };
}

/** A stack tells nothing of a fault that has a name. */
function causeOf(error: unknown): { err?: unknown } {
  return error instanceof DomainError ? {} : { err: error };
}
