/** Files that are made from the code, as a whole or between two marks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './read-if-there.ts';

const begin = '<!-- configuration:begin -->';
const end = '<!-- configuration:end -->';

export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  /** What the file should hold, given what it holds; an Error whose message says why it cannot be told. */
  readonly render: (present: string | undefined) => string | Error;
}

/** The file's text with `body` between its configuration marks; they are added at its end where it has none. */
export function withConfiguration(present: string | undefined, body: string): string | Error {
  if (present === undefined) return new Error('A README does not exist, so its configuration tables were left out.');
  const section = `${begin}\n\n${body}\n\n${end}`;
  const [from, to] = [present.indexOf(begin), present.indexOf(end)];
  if (from < 0 && to < 0) return `${present.trimEnd()}\n\n${section}\n`;
  if (from < 0 || to < from) return new Error(`The README needs ${begin} and, after it, ${end}.`);
  return present.slice(0, from) + section + present.slice(to + end.length);
}

export interface Outcome {
  /** Files that were not as the code says. With `write` they are now. */
  readonly stale: readonly string[];
  /** One sentence for each file that could not be made. */
  readonly problems: readonly string[];
}

/** Compares the files below `root` with what they should hold, and writes those that differ if `write` is set. */
export function compareFiles(root: string, files: readonly GeneratedFile[], { write }: { write: boolean }): Outcome {
  const stale: string[] = [];
  const problems: string[] = [];
  for (const { path, render } of files) {
    const present = readIfThere(join(root, path));
    const wanted = render(present);
    if (wanted instanceof Error) problems.push(wanted.message);
    else if (wanted !== present) {
      stale.push(path);
      if (write) writeFileSync(join(root, path), wanted);
    }
  }
  return { stale, problems };
}
