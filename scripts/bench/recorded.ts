import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import type { Machine } from './world.ts';

export interface Result {
  readonly machine: Machine;
  readonly measuredAt: string;
  readonly figures: readonly Figure[];
}

export const recordedFile = join(import.meta.dirname, 'recorded.json');

/** `undefined` as long as nothing was recorded. */
export function readRecorded(): Result | undefined {
  try {
    return JSON.parse(readFileSync(recordedFile, 'utf8')) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Groups that were not measured this time keep what was recorded of them. */
export function merged(recorded: Result | undefined, result: Result, groups: readonly string[]): Result {
  const groupOf = ({ id }: Figure) => id.split('.')[0] as string;
  const measured = new Set(result.figures.map(groupOf));
  const kept = recorded?.figures.filter((figure) => !measured.has(groupOf(figure))) ?? [];
  const figures = [...kept, ...result.figures].sort(
    (left, right) => groups.indexOf(groupOf(left)) - groups.indexOf(groupOf(right)),
  );
  return { ...result, figures };
}
