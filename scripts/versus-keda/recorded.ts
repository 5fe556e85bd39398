import { join } from 'node:path';
import { readIfThere } from '../generated/read-if-there.ts';
import type { Machine } from '../measuring/machine.ts';
import type { Figures, Sample } from './figures.ts';
import { loads } from './loads.ts';
import type { PlayedLoad } from './play.ts';
import type { Side } from './sides.ts';
import { rounded } from './verdicts.ts';

export interface RecordedSide {
  readonly side: Pick<Side, 'name' | 'about' | 'kind'>;
  readonly figures: Figures;
  /** Seconds and the count asked for, where it changed. */
  readonly desired: readonly Point[];
  /** Seconds and messages. */
  readonly lag: readonly Point[];
}

type Point = readonly [number, number];

export interface RecordedLoad {
  readonly load: string;
  readonly about: string;
  readonly seconds: number;
  readonly lateSeconds: number;
  readonly blindSeconds: number;
  readonly sides: readonly RecordedSide[];
}

export interface Recorded {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly kubernetes: string;
  readonly keda: string;
  readonly loads: readonly RecordedLoad[];
}

const lagEverySeconds = 4;

export const recordedFile = join(import.meta.dirname, 'recorded.json');

/** `undefined` as long as nothing was recorded. */
export function readRecorded(): Recorded | undefined {
  const text = readIfThere(recordedFile);
  return text === undefined ? undefined : (JSON.parse(text) as Recorded);
}

/** Loads that were not played this time keep what was recorded of them. */
export function merged(recorded: Recorded | undefined, result: Recorded): Recorded {
  const all = [...(recorded?.loads ?? []), ...result.loads];
  const latest = new Map(all.map((one) => [one.load, one]));
  return { ...result, loads: loads.flatMap(({ name }) => latest.get(name) ?? []) };
}

/** What is kept of a load: figures, and as much of the course as a picture needs. */
export function recordedLoad({ load, played, lateSeconds, blindSeconds }: PlayedLoad): RecordedLoad {
  const { name, about, seconds } = load;
  return {
    ...{ load: name, about, seconds, lateSeconds, blindSeconds },
    sides: played.map(({ side, figures, samples }) => ({
      side: { name: side.name, about: side.about, kind: side.kind },
      figures,
      desired: changesOf(samples),
      lag: thinned(samples),
    })),
  };
}

function changesOf(samples: readonly Sample[]): Point[] {
  return samples
    .filter(({ desired }, index) => index === samples.length - 1 || desired !== samples[index - 1]?.desired)
    .map(({ at, desired }) => [rounded(at), desired]);
}

function thinned(samples: readonly Sample[]): Point[] {
  const kept: Point[] = [];
  for (const { at, lag } of samples)
    if (at >= (kept.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY) + lagEverySeconds) kept.push([rounded(at), lag]);
  return kept;
}
