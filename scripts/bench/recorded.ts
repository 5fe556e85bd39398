import { join } from 'node:path';
import { readIfThere } from '../generated/read-if-there.ts';
import type { Figure } from './figures.ts';
import type { Surroundings } from './world.ts';

export interface Result {
  readonly machine: Surroundings;
  readonly measuredAt: string;
  readonly figures: readonly Figure[];
}

export const recordedFile = join(import.meta.dirname, 'recorded.json');

/** `undefined` as long as nothing was recorded. */
export function readRecorded(): Result | undefined {
  const text = readIfThere(recordedFile);
  return text === undefined ? undefined : (JSON.parse(text) as Result);
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
