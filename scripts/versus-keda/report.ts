import { type Cell, count, table } from '../kafka-cli/table.ts';
import type { Figures } from './figures.ts';
import type { RecordedLoad } from './recorded.ts';
import { bestOf, type Outcome, rounded, verdictsOf } from './verdicts.ts';

const columns: readonly [string, (figures: Figures) => Cell][] = [
  ['drain, s', ({ drainSeconds }) => rounded(drainSeconds)],
  ['over the objective, s', ({ secondsOver }) => rounded(secondsOver)],
  ['p99 age, s', ({ p99AgeSeconds }) => rounded(p99AgeSeconds)],
  ['replica-seconds', ({ replicaSeconds }) => Math.round(replicaSeconds)],
  ['changes', ({ changes }) => changes],
  ['rebalances', ({ rebalances }) => rebalances],
  ['all asked for', ({ full }) => fullText(full)],
];

export const headings = ['', ...columns.map(([heading]) => heading)];

export function cellsOf({ side, figures }: Outcome): Cell[] {
  return [side.name, ...columns.map(([, cell]) => cell(figures))];
}

/** A table and the verdicts for each load, for a terminal. */
export function report(loads: readonly RecordedLoad[]): string {
  return loads
    .map(({ load, sides }) => [load, table(headings, sides.map(cellsOf)), ...verdictLines(sides)].join('\n'))
    .join('\n\n');
}

/** A line for each bar; none without both ours and KEDA's. */
export function verdictLines(outcomes: readonly Outcome[]): string[] {
  const best = bestOf(outcomes);
  const ours = outcomes.find(({ side }) => side.kind === 'ours');
  const limit = outcomes.find(({ side }) => side.kind === 'limit');
  if (!best || !ours) return [];
  const bars = verdictsOf(ours, best).map(
    ({ bar, holds, sentence }) => `${holds ? 'held' : 'missed'}: ${bar}: ${sentence}`,
  );
  return limit ? [...bars, `limit: ${limit.side.name} drains in ${rounded(limit.figures.drainSeconds)} s`] : bars;
}

function fullText(full: Figures['full']): string {
  if (full === undefined) return '';
  return full === 'never' ? 'never' : `${rounded(full.seconds)} s, ${count(full.steps, 'step')}`;
}
