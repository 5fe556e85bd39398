import { formatSeconds } from '../command-line/duration.ts';
import type { HistoryLine } from './history.ts';
import type { Crashes } from './matrix.ts';
import type { RunResult } from './run.ts';
import type { Finding } from './verdict.ts';

const mostShown = 5;

/** One line per promise, with the first breaches below it. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ promise, faults }) => {
      const more = faults.length > mostShown ? [`    and ${faults.length - mostShown} more`] : [];
      const shown = [...faults.slice(0, mostShown).map((fault) => `    ${fault}`), ...more];
      return [`${faults.length === 0 ? '✓' : '✗'} ${promise}`, ...shown].join('\n');
    })
    .join('\n');
}

function count<K extends HistoryLine['kind']>(history: readonly HistoryLine[], kind: K) {
  return history.filter((line) => line.kind === kind) as (HistoryLine & { readonly kind: K })[];
}

/**
 * With nothing seen in `n` independent trials, the true rate is below 3/n with 95 % confidence (rule of three: the
 * solution of (1 − p)ⁿ = 0.05).
 */
export function ruleOfThree(trials: number): string {
  return `${((3 / trials) * 100).toPrecision(2)} %`;
}

/** What took place, so that nobody takes a run in which nothing happened for a proof. */
export function runText({ history, counts, restMs }: RunResult): string {
  const orders = count(history, 'order');
  const events = count(history, 'event');
  const distinct = new Set(events.map(({ headers }) => headers.ce_id)).size;
  const ledger = count(history, 'ledger');
  const refunds = ledger.filter(({ type }) => type === 'refund').length;
  const unanswered = count(history, 'answer').filter(({ status }) => status === undefined).length;
  const faults = count(history, 'fault').filter(({ fault }) => !/ is over$|^back$|^ended$/.test(fault));
  const leaders = count(history, 'leader');
  const changes = leaders.reduce((sum, leader) => sum + leader.changes, 0);
  return [
    `orders    ${orders.length} stored: ${tally(orders.map(({ status }) => status))}; ${counts.accepted} accepted, ${counts.unanswered} callers gave up`,
    `requests  ${count(history, 'call').length}, of which ${unanswered} had no answer and were of unknown effect`,
    `events    ${distinct}, of which ${events.length - distinct} were sent again`,
    ...notificationsText(history),
    `ledger    ${ledger.length - refunds} charges, ${refunds} refunds`,
    `faults    ${tally(faults.map(({ fault }) => fault)) || 'none'}`,
    `leaders   changed ${changes} times, of ${leaders.length} partitions`,
    `at rest   ${formatSeconds(restMs)} after the last order was placed and the last fault was over`,
  ].join('\n');
}

function notificationsText(history: readonly HistoryLine[]): string[] {
  const notified = count(history, 'run')[0]?.notified;
  if (notified === undefined) return [];
  const sent = count(history, 'notification').filter(({ status }) => status === 'sent').length;
  return [`notified  ${sent} ${notified}, ${count(history, 'letter').length - sent} letters more than that`];
}

function tally(words: readonly string[]): string {
  return [...Map.groupBy(words, (word) => word)].map(([word, { length }]) => `${length} ${word}`).join(', ');
}

/** One line per crash point. */
export function crashesText(crashes: Crashes, times: number): string {
  return [...crashes].map(([name, count]) => `${count >= times ? '✓' : '✗'} ${count} of ${times}  ${name}`).join('\n');
}

/** What became of the orders of a shop that keeps neither versions nor event ids: all that its rules could be held to. */
export function lossText({ history, counts }: RunResult): string {
  const stored = count(history, 'order').map(({ id }) => id);
  const charged = new Set(
    count(history, 'ledger').flatMap(({ type, status, orderId }) =>
      type === 'charge' && status !== undefined ? [orderId] : [],
    ),
  );
  const lost = stored.filter((id) => !charged.has(id)).length;
  return [
    `orders    ${stored.length} stored for ${counts.placed} callers, of whom ${counts.accepted} were told so`,
    `lost      ${lost} stored and never brought to the provider (${((100 * lost) / stored.length).toFixed(1)} %)`,
    `doubled   at least ${Math.max(0, stored.length - counts.placed)} orders that nobody placed a second time`,
  ].join('\n');
}
