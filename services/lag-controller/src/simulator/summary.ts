import type { Result } from './simulate.ts';

/** A controller over all scenarios: sums of the means over the seeds; of the ages the greatest. */
export interface Summary {
  readonly controller: string;
  readonly violationSeconds: number;
  readonly p99AgeSeconds: number;
  readonly replicaSeconds: number;
  readonly rebalances: number;
  readonly drainSeconds: number;
}

/** By controller, in the order they come in. */
export function summarize(results: readonly Result[]): Summary[] {
  const seeds = new Set(results.map(({ seed }) => seed)).size;
  return [...Map.groupBy(results, ({ controller }) => controller)].map(([controller, runs]) => {
    const mean = (of: (run: Result) => number) => runs.reduce((sum, run) => sum + of(run), 0) / seeds;
    return {
      controller,
      violationSeconds: mean((run) => run.violationSeconds),
      p99AgeSeconds: Math.max(...runs.map((run) => run.p99AgeSeconds)),
      replicaSeconds: mean((run) => run.replicaSeconds),
      rebalances: mean((run) => run.rebalances),
      drainSeconds: mean((run) => run.drainSeconds),
    };
  });
}

/** The summaries that no other one is better than, or as good as, in violations, replica-seconds and rebalances. */
export function paretoFront(summaries: readonly Summary[]): Summary[] {
  const keys = ['violationSeconds', 'replicaSeconds', 'rebalances'] as const;
  const beats = (one: Summary, other: Summary) =>
    keys.every((key) => one[key] <= other[key]) && keys.some((key) => one[key] < other[key]);
  return summaries.filter((one) => !summaries.some((other) => beats(other, one)));
}
