import { type Figure, isReached } from './figures.ts';

function format(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function reachText({ reach }: Figure): string {
  if (!reach) return '';
  return 'atLeast' in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`;
}

/** A row of a table: name, what it is, median, spread, what has to be reached. */
export function cellsOf(figure: Figure): string[] {
  const { id, about, unit, median, min, max, rounds } = figure;
  const value =
    unit === 'ratio' || unit === 'times'
      ? `${format(median)} ×`
      : `${format(median)} ${unit === 'per second' ? '/s' : unit}`;
  return [id, about, value, rounds > 1 ? `${format(min)} – ${format(max)}` : '', reachText(figure)];
}

/** For a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [['', '', 'median', 'spread', 'to reach'], ...figures.map(cellsOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row, index) => {
      const missed = index > 0 && !isReached(figures[index - 1] as Figure);
      const cells = row.map((cell, column) =>
        column === 2 ? cell.padStart(widths[2] ?? 0) : cell.padEnd(widths[column] ?? 0),
      );
      return `${cells.join('  ').trimEnd()}${missed ? '  MISSED' : ''}`;
    })
    .join('\n');
}
