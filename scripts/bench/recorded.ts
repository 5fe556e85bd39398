import { join } from 'node:path';
import { readIfThere } from '../generated/read-if-there.ts';
import { type Figure, groupOf } from './figures.ts';
import type { Surroundings } from './world.ts';

export interface Result {
  readonly machine: Surroundings;
  readonly measuredAt: string;
  readonly figures: readonly Figure[];
}

export const recordedFile = join(import.meta.dirname, 'recorded.json');

/** Oldest first: figures stay with the machine and the day that they are of. */
export function readRecorded(): readonly Result[] {
  return JSON.parse(readIfThere(recordedFile) ?? '[]') as readonly Result[];
}

/** Groups that were not measured this time keep what was recorded of them. */
export function merged(recorded: readonly Result[], result: Result): readonly Result[] {
  const measured = new Set(result.figures.map(groupOf));
  const kept = recorded.map((run) => ({
    ...run,
    figures: run.figures.filter((figure) => !measured.has(groupOf(figure))),
  }));
  return [...kept, result].filter(({ figures }) => figures.length > 0);
}
