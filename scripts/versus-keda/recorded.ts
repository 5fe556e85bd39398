import { join } from 'node:path';
import { readIfThere } from '../generated/read-if-there.ts';
import type { Machine } from '../measuring/machine.ts';
import type { Sample } from './figures.ts';
import { apartSeconds, loads } from './loads.ts';
import type { PlayedLoad } from './play.ts';
import { middleOf } from './runs.ts';
import type { Side } from './sides.ts';
import { type Outcome, rounded } from './verdicts.ts';

export interface RecordedSide extends Outcome {
  readonly side: Pick<Side, 'name' | 'about' | 'kind'>;
  /** Seconds and the count asked for, where it changed; of the middle run by the time in which ours drained, the sooner of two. */
  readonly desired: readonly Point[];
  /** Seconds and messages. */
  readonly lag: readonly Point[];
}

type Point = readonly [number, number];

export interface RecordedLoad {
  readonly load: string;
  readonly about: string;
  readonly seconds: number;
  /** From the beginning of one side's load to that of the next. */
  readonly apartSeconds: number;
  readonly lateSeconds: number;
  readonly blindSeconds: number;
  readonly sides: readonly RecordedSide[];
  /** Of a load that was not played when the others were. */
  readonly origin?: Origin;
}

/** What the figures were measured on, and when. */
export interface Origin {
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly kubernetes: string;
  readonly keda: string;
}

export interface Recorded extends Origin {
  readonly loads: readonly RecordedLoad[];
}

const lagEverySeconds = 4;

export const recordedFile = join(import.meta.dirname, 'recorded.json');

/** `undefined` as long as nothing was recorded. */
export function readRecorded(): Recorded | undefined {
  const text = readIfThere(recordedFile);
  return text === undefined ? undefined : (JSON.parse(text) as Recorded);
}

/** Loads that were not played this time keep what was recorded of them, and say where that was. */
export function merged(recorded: Recorded | undefined, result: Recorded): Recorded {
  const all = [...withOrigin(recorded), ...result.loads];
  const latest = new Map(all.map((one) => [one.load, one]));
  return { ...result, loads: loads.flatMap(({ name }) => latest.get(name) ?? []) };
}

function withOrigin(recorded: Recorded | undefined): readonly RecordedLoad[] {
  if (!recorded) return [];
  const { loads: kept, ...origin } = recorded;
  return kept.map((load) => ({ origin, ...load }));
}

/**
 * What is kept of all runs of a load, with the same sides in each: figures, and as much of the course of one as a picture needs.
 */
export function recordedLoad(runs: readonly [PlayedLoad, ...PlayedLoad[]]): RecordedLoad {
  const { name, about, seconds } = runs[0].load;
  const drawn = middleOf(
    runs.map(({ played }) => played.find(({ side }) => side.kind === 'ours')?.figures.drainSeconds ?? 0),
  );
  return {
    ...{ load: name, about, seconds, apartSeconds },
    lateSeconds: Math.max(...runs.map(({ lateSeconds }) => lateSeconds)),
    blindSeconds: Math.max(...runs.map(({ blindSeconds }) => blindSeconds)),
    sides: (runs[drawn] ?? runs[0]).played.map(({ side, samples }, index) => ({
      side: { name: side.name, about: side.about, kind: side.kind },
      runs: runs.flatMap(({ played }) => played[index]?.figures ?? []),
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
