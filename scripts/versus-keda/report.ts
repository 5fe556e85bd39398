import { type Cell, count, table } from '../kafka-cli/table.ts';
import type { Figures } from './figures.ts';
import type { RecordedLoad } from './recorded.ts';
import { medianFigures } from './runs.ts';
import { bestOf, type Outcome, rounded, spread, verdictsOf } from './verdicts.ts';

const columns: readonly [string, (figures: Figures) => number, (value: number) => number][] = [
  ['drain, s', ({ drainSeconds }) => drainSeconds, rounded],
  ['over the objective, s', ({ secondsOver }) => secondsOver, rounded],
  ['p99 age, s', ({ p99AgeSeconds }) => p99AgeSeconds, rounded],
  ['replica-seconds', ({ replicaSeconds }) => replicaSeconds, Math.round],
  ['changes', ({ changes }) => changes, rounded],
  ['rebalances', ({ rebalances }) => rebalances, rounded],
];

export const headings = ['', ...columns.map(([heading]) => heading), 'all asked for'];

/** Medians over the runs, with the least and the most where they differ. */
export function cellsOf({ side, runs }: Outcome): Cell[] {
  const middle = medianFigures(runs);
  const cells = columns.map(([, figure, round]) => {
    const around = spread(runs.map(figure), (value) => String(round(value)));
    const value = round(figure(middle));
    return around === '' ? value : `${value}${around}`;
  });
  return [side.name, ...cells, fullText(middle.full)];
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
  if (!limit) return bars;
  return [...bars, `limit: ${limit.side.name} drains in ${rounded(medianFigures(limit.runs).drainSeconds)} s`];
}

function fullText(full: Figures['full']): string {
  if (full === undefined) return '';
  return full === 'never' ? 'never' : `${rounded(full.seconds)} s, ${count(full.steps, 'step')}`;
}
