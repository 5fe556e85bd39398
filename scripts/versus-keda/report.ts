import type { Figures } from './figures.ts';
import type { RecordedLoad } from './recorded.ts';
import { bestOf, type Outcome, verdictsOf } from './verdicts.ts';

const columns: readonly [string, (figures: Figures) => string][] = [
  ['drain, s', ({ drainSeconds }) => rounded(drainSeconds)],
  ['over the objective, s', ({ secondsOver }) => rounded(secondsOver)],
  ['p99 age, s', ({ p99AgeSeconds }) => rounded(p99AgeSeconds)],
  ['replica-seconds', ({ replicaSeconds }) => String(Math.round(replicaSeconds))],
  ['changes', ({ changes }) => String(changes)],
  ['rebalances', ({ rebalances }) => String(rebalances)],
  ['all asked for', ({ full }) => fullText(full)],
];

export const headings = ['', ...columns.map(([heading]) => heading)];

export function cellsOf({ side, figures }: Outcome): string[] {
  return [side.name, ...columns.map(([, cell]) => cell(figures))];
}

/** A table and the verdicts for each load, for a terminal. */
export function report(loads: readonly RecordedLoad[]): string {
  return loads
    .map(({ load, sides }) => [load, table([headings, ...sides.map(cellsOf)]), ...verdictLines(sides)].join('\n'))
    .join('\n\n');
}

/** A line for each bar; none without both ours and KEDA's. */
export function verdictLines(outcomes: readonly Outcome[]): string[] {
  const best = bestOf(outcomes);
  const ours = outcomes.find(({ side }) => side.isOurs);
  if (!best || !ours) return [];
  return verdictsOf(ours, best).map(({ bar, holds, sentence }) => `${holds ? 'held' : 'missed'}: ${bar}: ${sentence}`);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  ')).join('\n');
}

const pad = (cell: string, width: number, column: number) => (column === 0 ? cell.padEnd(width) : cell.padStart(width));

function fullText(full: Figures['full']): string {
  if (full === undefined) return '';
  return full === 'never'
    ? 'never'
    : `${rounded(full.seconds)} s, ${full.steps} ${full.steps === 1 ? 'step' : 'steps'}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
