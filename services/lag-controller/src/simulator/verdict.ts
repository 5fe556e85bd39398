import type { Result } from './simulate.ts';
import { type Summary, summarize } from './summary.ts';

export interface Verdict {
  readonly claim: 'a' | 'b' | 'c';
  readonly holds: boolean;
  readonly sentence: string;
}

/**
 * Whether `ours` (a) violates no more than the best KEDA setting there is for these runs, (b) has 14 % fewer replica-seconds
 * and 35 % fewer rebalances than the settings that violate as little as it does, or, where none does, than the best one, and (c) is
 * within 15 % of the oracle's replica-seconds while it violates no more than that.
 */
export function verdicts(results: readonly Result[], ours: string): Verdict[] {
  const summaries = summarize(results);
  const own = summaries.find(({ controller }) => controller === ours);
  const swept = summaries.filter(({ controller }) => controller.startsWith('keda-'));
  const best = bestKeda(summaries);
  if (!own) return [];
  const oracle = summaries.find(({ controller }) => controller === 'oracle');
  return [
    ...(best ? [noMoreViolations(own, best, results), cheaper(own, best, swept)] : []),
    ...(oracle ? [nearOracle(own, oracle)] : []),
  ];
}

/** The KEDA setting that violates least; of several, the cheapest. */
export function bestKeda(summaries: readonly Summary[]): Summary | undefined {
  return summaries.filter(({ controller }) => controller.startsWith('keda-')).sort(byViolations)[0];
}

function byViolations(left: Summary, right: Summary): number {
  return left.violationSeconds - right.violationSeconds || left.replicaSeconds - right.replicaSeconds;
}

function noMoreViolations(own: Summary, best: Summary, results: readonly Result[]): Verdict {
  const lost = lostScenarios(results, own.controller, best.controller);
  const where = lost.length > 0 ? `; it loses to it in ${lost.join(', ')}` : '';
  return {
    claim: 'a',
    holds: own.violationSeconds <= best.violationSeconds,
    sentence: `${seconds(own.violationSeconds)} of violation, ${seconds(best.violationSeconds)} with the best KEDA setting (${best.controller})${where}`,
  };
}

/** The scenarios in which a controller has more violation seconds than another, with both figures. */
export function lostScenarios(results: readonly Result[], ours: string, theirs: string): string[] {
  return [...Map.groupBy(results, ({ scenario }) => scenario)].flatMap(([scenario, runs]) => {
    const sums = summarize(runs);
    const of = (name: string) => sums.find(({ controller }) => controller === name)?.violationSeconds ?? 0;
    return of(ours) > of(theirs) ? [`${scenario} (${seconds(of(ours))} against ${seconds(of(theirs))})`] : [];
  });
}

function cheaper(own: Summary, best: Summary, swept: readonly Summary[]): Verdict {
  const reaching = swept.filter(({ violationSeconds }) => violationSeconds <= own.violationSeconds);
  const compared = reaching.length > 0 ? reaching : [best];
  const isCheaper = (other: Summary) =>
    own.replicaSeconds <= 0.86 * other.replicaSeconds && own.rebalances <= 0.65 * other.rebalances;
  const [cheapest = best] = [...compared].sort((left, right) => left.replicaSeconds - right.replicaSeconds);
  const [calmest = best] = [...compared].sort((left, right) => left.rebalances - right.rebalances);
  const who = reaching.length > 0 ? `${reaching.length} KEDA settings reach that` : 'no KEDA setting reaches that';
  return {
    claim: 'b',
    holds: compared.every(isCheaper),
    sentence:
      `${who}; replica-seconds ${change(own.replicaSeconds, cheapest.replicaSeconds)} to the cheapest compared (${cheapest.controller}), ` +
      `rebalances ${change(own.rebalances, calmest.rebalances)} to the calmest (${calmest.controller})`,
  };
}

function nearOracle(own: Summary, oracle: Summary): Verdict {
  return {
    claim: 'c',
    holds: own.replicaSeconds <= 1.15 * oracle.replicaSeconds && own.violationSeconds <= oracle.violationSeconds,
    sentence: `replica-seconds ${change(own.replicaSeconds, oracle.replicaSeconds)} to the oracle, ${seconds(own.violationSeconds)} of violation against its ${seconds(oracle.violationSeconds)}`,
  };
}

function seconds(value: number): string {
  return `${Math.round(value * 10) / 10} s`;
}

function change(own: number, other: number): string {
  if (other === 0) return own === 0 ? '±0 %' : 'up from none';
  const percent = Math.round((own / other - 1) * 100);
  const sign = percent === 0 ? '±' : percent > 0 ? '+' : '−';
  return `${sign}${Math.abs(percent)} %`;
}
