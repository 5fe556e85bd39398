import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { HistoryLine } from './history.ts';

/** A line with the time at which it was written, in ms since the epoch. */
export type Recorded = HistoryLine & { readonly at: number };

export type Recorder = (line: HistoryLine) => void;

/** A recorder that begins the file anew; each line is in the file before it returns, so that a run that dies leaves its history. */
export function recordTo(file: string, now: () => number): Recorder {
  writeFileSync(file, '');
  return (line) => appendFileSync(file, `${JSON.stringify({ at: now(), ...line })}\n`);
}

/** @throws SyntaxError for a file that is no history */
export function readHistory(file: string): Recorded[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);
}
