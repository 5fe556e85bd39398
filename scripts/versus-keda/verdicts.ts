/** Whether the lag controller reaches what it has to against KEDA's best. Pure. */
import { count } from '../kafka-cli/table.ts';
import type { Figures } from './figures.ts';
import type { Side } from './sides.ts';

export interface Outcome {
  readonly side: Pick<Side, 'name' | 'kind'>;
  readonly figures: Figures;
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

/** The setting of KEDA that drained soonest, and of two that were as quick the one with fewer replica-seconds. */
export function bestOf(outcomes: readonly Outcome[]): Outcome | undefined {
  return outcomes
    .filter(({ side }) => side.kind === 'keda')
    .toSorted(
      ({ figures: left }, { figures: right }) =>
        left.drainSeconds - right.drainSeconds || left.replicaSeconds - right.replicaSeconds,
    )[0];
}

export function verdictsOf(ours: Outcome, best: Outcome): Verdict[] {
  const against = bars.map(({ of, name, unit, atMost }) => {
    const [own, other] = [ours.figures[of], best.figures[of]];
    return {
      bar: `${name} at most ${atMost} of KEDA's`,
      holds: own <= atMost * other,
      sentence: `${rounded(own)}${unit} against ${rounded(other)}${unit} (${best.side.name})${other > 0 ? `, ${(own / other).toFixed(2)} of it` : ''}`,
    };
  });
  return [...against, ...fullVerdict(ours.figures)];
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
