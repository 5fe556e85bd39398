/** What several runs of the same load come to. Pure. */
import { median } from '../measuring/median.ts';
import type { Figures } from './figures.ts';

type Full = NonNullable<Figures['full']>;

/** The median of each figure by itself; of the steps to all replicas the most. @throws without a run */
export function medianFigures(runs: readonly Figures[]): Figures {
  const of = (figure: (run: Figures) => number) => median(runs.map(figure));
  const full = runs.flatMap((run) => run.full ?? []);
  return {
    drainSeconds: of(({ drainSeconds }) => drainSeconds),
    secondsOver: of(({ secondsOver }) => secondsOver),
    p99AgeSeconds: of(({ p99AgeSeconds }) => p99AgeSeconds),
    replicaSeconds: of(({ replicaSeconds }) => replicaSeconds),
    changes: of(({ changes }) => changes),
    rebalances: of(({ rebalances }) => rebalances),
    ...(full.length > 0 && { full: medianFull(full) }),
  };
}

/** Never is never: one run without all replicas is not made good by others. */
function medianFull(all: readonly Full[]): Full {
  const reached = all.filter((full) => full !== 'never');
  if (reached.length < all.length) return 'never';
  return {
    seconds: median(reached.map(({ seconds }) => seconds)),
    steps: Math.max(...reached.map(({ steps }) => steps)),
  };
}

/** Where the middle one stands among the values, the lower of two. */
export function middleOf(values: readonly number[]): number {
  const order = values.map((_, index) => index).sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  return order[Math.floor((values.length - 1) / 2)] ?? 0;
}
