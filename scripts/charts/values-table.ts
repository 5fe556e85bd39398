import type { ChartValue } from './values-file.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

/** The table of a chart's README: every value with its default and its meaning. */
export function valuesTable(values: readonly ChartValue[]): string {
  const rows = values.map(
    ({ path, value, about }) => `| \`${path.join('.')}\` | \`${cell(JSON.stringify(value))}\` | ${cell(about)} |`,
  );
  return ['| Value | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}
