import { median } from '../measuring/median.ts';

/** `times` is a ratio too, but of few or short times: too unsteady to be held against an earlier run. */
export type Unit = 'ratio' | 'times' | 'per second' | 'per tick' | 'ms' | 's' | 'MB' | '% of a core';

/** One figure of a run. A ratio is always made so that more is better; only ratios outlive the machine they were taken on. */
export interface Figure {
  readonly id: string;
  readonly about: string;
  readonly unit: Unit;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly reach?: Reach;
}

/** What has to be reached. */
export type Reach = { readonly atLeast: number } | { readonly atMost: number };

type Named = Pick<Figure, 'id' | 'about' | 'unit'> & { readonly reach?: Reach };

/** Of the values that the rounds gave. */
export function figure({ id, about, unit, reach }: Named, values: readonly number[]): Figure {
  return {
    ...{ id, about, unit },
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
    ...(reach && { reach }),
  };
}

/** Round by round: what drifts on the machine meets both sides of a round alike. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / (theirs[round] as number));
}

export function isReached({ median: value, reach }: Figure): boolean {
  if (!reach) return true;
  return 'atLeast' in reach ? value >= reach.atLeast : value <= reach.atMost;
}

/** What was measured together: the first part of an id. */
export function groupOf({ id }: Figure): string {
  return id.split('.')[0] as string;
}

/** A ratio may fall to this share of the recorded one before it counts as a regression. */
const tolerated = 0.85;

/** One sentence for each recorded ratio that fell, or that is missing from a run in which its group was measured. */
export function regressions(recorded: readonly Figure[], measured: readonly Figure[]): string[] {
  const groups = new Set(measured.map(groupOf));
  return recorded
    .filter((before) => before.unit === 'ratio' && groups.has(groupOf(before)))
    .flatMap((before) => {
      const now = measured.find(({ id }) => id === before.id);
      if (!now) return [`${before.id} was not measured.`];
      if (now.median >= before.median * tolerated) return [];
      return [
        `${before.id} is ${now.median.toFixed(2)}, less than ${tolerated} of the recorded ${before.median.toFixed(2)}.`,
      ];
    });
}
