import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../command-line/progress.ts';
import type { Rest } from './observer.ts';

/** What went on while one look was taken may have passed by every one of its reads; at the next it has come to where it ends or waits. */
const looksAtRest = 2;

/** Gives up quietly when what waits became no less for `patienceMs`: it is for the rules to find. */
export async function untilRest(look: () => Promise<Rest>, patienceMs: number, step: Step): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let leastAt = performance.now();
  let notedAt = leastAt;
  let atRest = 0;
  while (performance.now() - leastAt < patienceMs) {
    const startedAt = performance.now();
    const rest = await look().catch(() => undefined);
    const now = performance.now();
    const waiting = allOf(rest);
    atRest = waiting === 0 ? atRest + 1 : 0;
    if (atRest === looksAtRest) return;
    if (waiting < least) [least, leastAt] = [waiting, now];
    if (now - notedAt > 2_000) {
      notedAt = now;
      step.note(restText(rest));
    }
    // To ask reads all that is stored, by the database that is to come to rest.
    await sleep(Math.max(250, 3 * (now - startedAt)));
  }
}

function allOf(rest: Rest | undefined): number {
  if (!rest) return Number.POSITIVE_INFINITY;
  return Object.values(rest).reduce((sum, count) => sum + Math.abs(count), 0);
}

function restText(rest: Rest | undefined): string {
  if (!rest) return 'Kafka or the database does not answer yet';
  const { pendingOrders, unsentOrders, openPayments, unreadMessages, untoldDecisions } = rest;
  return `${pendingOrders} orders undecided, ${unsentOrders} unsent, ${openPayments} payments open, ${unreadMessages} messages unread, ${untoldDecisions} decisions untold`;
}
