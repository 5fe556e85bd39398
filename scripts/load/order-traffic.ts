import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision, Placement } from './load-run.ts';
import { call, type SampleOrder, stateOf } from './shop-api.ts';

const requestTimeoutMs = 10_000;
const retryPauseMs = 500;
const waitSeconds = 10;

/** Statuses after which the same request may succeed. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface Traffic {
  readonly order: SampleOrder;
  /** Makes the keys of this run different from those of any other. */
  readonly keyPrefix: string;
  /** How long an order is tried again before it counts as unanswered. */
  readonly patienceMs: number;
}

/** A function that places the order with a given number. Each has its own Idempotency-Key, so trying again never doubles it. */
export function orderPlacer(orders: string, { order, keyPrefix, patienceMs }: Traffic) {
  return async (number: number): Promise<Placement> => {
    const deadline = performance.now() + patienceMs;
    let detail = '';
    while (performance.now() < deadline) {
      try {
        const { status, body } = await call('POST', `${orders}/v1/orders`, {
          body: order,
          headers: { 'idempotency-key': `${keyPrefix}-${number}` },
          timeoutMs: requestTimeoutMs,
        });
        if (status === 201) return { kind: 'accepted', id: stateOf(body).id };
        detail = `it was answered ${status}: ${JSON.stringify(body)}`;
        if (!passing.has(status)) return { kind: 'refused', detail };
      } catch (error) {
        detail = `it was not answered: ${(error as Error).message}`;
      }
      await sleep(retryPauseMs);
    }
    return { kind: 'unanswered', detail };
  };
}

/** Waits some seconds for an order's decision; `undefined` if there is none yet, or orders does not answer. */
export async function decisionOf(orders: string, id: string): Promise<Decision | undefined> {
  try {
    const { status, body } = await call('GET', `${orders}/v1/orders/${id}?wait=${waitSeconds}`, {
      timeoutMs: (waitSeconds + 5) * 1_000,
    });
    if (status === 200) {
      const { word, decided, tookMs } = stateOf(body);
      if (decided) return { word, tookMs };
    }
  } catch {
    // Asked again until the run's own timeout: an order is lost when it is undecided then, whatever the reason.
  }
  await sleep(retryPauseMs);
  return undefined;
}
