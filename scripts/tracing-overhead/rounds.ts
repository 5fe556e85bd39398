/** What the rounds of a comparison say. Pure. */
import { percentile } from '../measuring/percentile.ts';

/** Each side begins in turn, so that none always comes first, or after the same one. */
export function turns<Side>(sides: readonly Side[], round: number): Side[] {
  const first = round % sides.length;
  return [...sides.slice(first), ...sides.slice(0, first)];
}

/** Processor time of a round, in seconds, by side. `control` is a second process that does what `untraced` does. */
export interface Round {
  readonly untraced: number;
  readonly control: number;
  readonly traced: number;
  readonly sampled: number;
}

/** As ratios to what a process without tracing takes in the same round: the mean of the two, which the control is part of. */
export function ratiosOf({ untraced, control, traced, sampled }: Round): Omit<Round, 'untraced'> {
  const base = (untraced + control) / 2;
  return { control: control / untraced, traced: traced / base, sampled: sampled / base };
}

/** Median, least and most, by two digits. */
export function spread(ratios: readonly number[]): string {
  const at = (percent: number) => (percentile(ratios, percent) ?? Number.NaN).toFixed(2);
  return `${at(50)} (${at(0)} to ${at(100)})`;
}
