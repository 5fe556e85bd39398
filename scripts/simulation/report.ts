import type { Result } from '../../services/lag-controller/src/simulator/simulate.ts';
import { paretoFront, type Summary, summarize } from '../../services/lag-controller/src/simulator/summary.ts';
import { verdicts } from '../../services/lag-controller/src/simulator/verdict.ts';
import { table } from '../kafka-cli/table.ts';

const headings = ['controller', 'violation s', 'p99 age s', 'replica-hours', 'rebalances', 'drain s', 'front'];

/** Each controller over all scenarios, least violations first; `*` marks those that no other one beats in every respect. */
export function summaryTable(results: readonly Result[]): string {
  const summaries = summarize(results).sort((left, right) => left.violationSeconds - right.violationSeconds);
  const front = new Set(paretoFront(summaries));
  return table(
    headings,
    summaries.map((summary) => [...cells(summary), front.has(summary) ? '*' : '']),
  );
}

/** A table per scenario. */
export function detailTables(results: readonly Result[]): string {
  return [...Map.groupBy(results, ({ scenario }) => scenario)]
    .map(([scenario, runs]) => `${scenario}\n${summaryTable(runs)}`)
    .join('\n\n');
}

/** What was set out to be shown, and whether these runs show it. */
export function verdictLines(results: readonly Result[]): string {
  return ['lag-controller', 'lag-controller-offsets']
    .flatMap((ours) =>
      verdicts(results, ours).map(
        ({ claim, holds, sentence }) => `${holds ? 'yes' : 'NO '} (${claim}) ${ours}: ${sentence}`,
      ),
    )
    .join('\n');
}

function cells(summary: Summary): (string | number)[] {
  return [
    summary.controller,
    round(summary.violationSeconds),
    round(summary.p99AgeSeconds),
    round(summary.replicaSeconds / 3_600),
    round(summary.rebalances),
    round(summary.drainSeconds),
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
