/** Whether the lag controller reaches what it has to against KEDA's best. Pure. */
import { count } from '../kafka-cli/table.ts';
import { median } from '../measuring/median.ts';
import type { Figures } from './figures.ts';
import { medianFigures } from './runs.ts';
import type { Side } from './sides.ts';

/** What came of one side under one load. */
export interface Outcome {
  readonly side: Pick<Side, 'name' | 'kind'>;
  /** One at least; run by run the same for all sides. */
  readonly runs: readonly Figures[];
}

export interface Verdict {
  readonly bar: string;
  readonly holds: boolean;
  readonly sentence: string;
}

const bars = [
  { of: 'drainSeconds', name: 'drain time', unit: ' s', atMost: 0.6 },
  { of: 'replicaSeconds', name: 'replica-seconds', unit: '', atMost: 1 },
  { of: 'rebalances', name: 'rebalances', unit: '', atMost: 0.5 },
] as const;

const fullSeconds = 6;

/** The setting of KEDA that drained soonest in the median, and of two that were as quick the one with fewer replica-seconds. */
export function bestOf<O extends Outcome>(outcomes: readonly O[]): O | undefined {
  return outcomes
    .filter(({ side }) => side.kind === 'keda')
    .map((outcome) => ({ outcome, figures: medianFigures(outcome.runs) }))
    .toSorted(
      ({ figures: left }, { figures: right }) =>
        left.drainSeconds - right.drainSeconds || left.replicaSeconds - right.replicaSeconds,
    )[0]?.outcome;
}

/** The ratio is the median of those of each run: the sides of a run are minutes apart, those of two runs may be hours. */
export function verdictsOf(ours: Outcome, best: Outcome): Verdict[] {
  const [own, others] = [medianFigures(ours.runs), medianFigures(best.runs)];
  const against = bars.map(({ of, name, unit, atMost }) => {
    const ratios = ours.runs.map((run, index) => ratio(run[of], best.runs[index]?.[of] ?? 0));
    return {
      bar: `${name} at most ${atMost} of KEDA's`,
      holds: median(ratios) <= atMost,
      sentence: `${rounded(own[of])}${unit} against ${rounded(others[of])}${unit} (${best.side.name})${ratioText(ratios)}`,
    };
  });
  return [...against, ...fullVerdict(own)];
}

function ratio(own: number, other: number): number {
  return own === 0 ? 0 : own / other;
}

function ratioText(ratios: readonly number[]): string {
  const middle = median(ratios);
  if (!Number.isFinite(middle)) return '';
  return `, ${middle.toFixed(2)} of it${spread(ratios, (value) => value.toFixed(2))}`;
}

/** The least and the most in brackets, where the runs differ. */
export function spread(values: readonly number[], text: (value: number) => string): string {
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? '' : ` (${least} to ${most})`;
}

function fullVerdict({ full }: Figures): Verdict[] {
  if (full === undefined) return [];
  const bar = `all replicas asked for at most ${fullSeconds} s after the backlog, in one step`;
  if (full === 'never') return [{ bar, holds: false, sentence: 'never' }];
  const { seconds, steps } = full;
  return [
    {
      bar,
      holds: seconds <= fullSeconds && steps === 1,
      sentence: `${rounded(seconds)} s, in ${count(steps, 'step')}`,
    },
  ];
}

/** To a tenth. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
