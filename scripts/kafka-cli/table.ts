export type Cell = string | number | bigint;

/** Rows under their headings, columns aligned: numbers (and columns of them) to the right, words to the left. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const width = (column: number) => Math.max(...[headings, ...rows].map((row) => String(row[column] ?? '').length));
  const isNumeric = (column: number) => rows.some((row) => typeof row[column] !== 'string');
  const columns = headings.map((_, column) => ({ width: width(column), right: isNumeric(column) }));
  const line = (row: readonly Cell[]) =>
    columns
      .map(({ width, right }, column) => {
        const text = String(row[column] ?? '');
        return right ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

/** `1 message`, `2 messages`. */
export function count(amount: number | bigint, noun: string): string {
  return `${amount} ${noun}${BigInt(amount) === 1n ? '' : 's'}`;
}
