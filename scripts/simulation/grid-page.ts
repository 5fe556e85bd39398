import type { Summary } from '../../services/lag-controller/src/simulator/summary.ts';
import type { Verdict } from '../../services/lag-controller/src/simulator/verdict.ts';
import type { GridEntry } from './grid-record.ts';

const method = `# The law on the grid

\`npm run simulate -- --grid --seeds 11,12,… --record\` plays the 16 built-in loads on each setting below with the same defaults and seeds that
the law was not tuned on, writes each setting to \`scripts/simulation/recorded-grid.json\` when it is done, and \`npm run generate\` makes
this page of it. Figures are sums over the loads and means over the seeds: seconds over the objective of 30 s / replica-hours / rebalances.

- (a) no more seconds over the objective than the KEDA setting that has the least of them *in this setting*;
- (b) 14 % fewer replica-hours and 35 % fewer rebalances than every KEDA setting that is late as little, or, where none is, than the best;
- (c) at most 15 % more replica-hours than the oracle, and no more seconds over the objective. The oracle knows the future, and pays
  nothing for a rebalance.

`;

/** `docs/simulation-grid.md`, from what was recorded. */
export function gridPage(entries: readonly GridEntry[]): string {
  if (entries.length === 0) return `${method}Nothing is recorded yet.\n`;
  const head =
    '| partitions | messages/s per replica | rebalance, s | seeds | lag controller | offsets only | best KEDA | oracle | (a) | (b) | (c) |';
  const rule = '|---|---|---|---|---|---|---|---|---|---|---|';
  const held = (['a', 'b', 'c'] as const).map((claim) => {
    const told = entries.filter(({ verdicts }) => verdictOn(verdicts, claim) !== undefined);
    return `(${claim}) holds in ${told.filter(({ verdicts }) => verdictOn(verdicts, claim)?.holds).length} of ${told.length}`;
  });
  return `${method}${[head, rule, ...entries.map(rowOf)].join('\n')}\n\n${held.join(', ')}.\n`;
}

/** Shorter where they follow each other: `11–20`. */
function spanOf(seeds: readonly number[]): string {
  const [first = 0] = seeds;
  const isRow = seeds.length > 2 && seeds.every((seed, index) => seed === first + index);
  return isRow ? `${first}–${seeds.at(-1)}` : seeds.join(', ');
}

function rowOf({ setting, seeds, summaries, verdicts }: GridEntry): string {
  const of = (name: string) => figures(summaries.find(({ controller }) => controller === name));
  const keda = summaries.find(({ controller }) => controller.startsWith('keda-'));
  const cells = [
    ...[setting.partitions, setting.messagesPerSecondPerReplica, setting.rebalanceSeconds, spanOf(seeds)],
    ...[of('lag-controller'), of('lag-controller-offsets')],
    ...[keda ? `${keda.controller.slice('keda-'.length)}: ${figures(keda)}` : '–', of('oracle')],
    ...(['a', 'b', 'c'] as const).map((claim) => word(verdictOn(verdicts, claim))),
  ];
  return `| ${cells.join(' | ')} |`;
}

function figures(summary: Summary | undefined): string {
  if (!summary) return '–';
  const { violationSeconds, replicaSeconds, rebalances } = summary;
  return [violationSeconds, replicaSeconds / 3_600, rebalances].map(Math.round).join(' / ');
}

const verdictOn = (verdicts: readonly Verdict[], of: Verdict['claim']) => verdicts.find(({ claim }) => claim === of);

function word(verdict: Verdict | undefined): string {
  if (!verdict) return '–';
  return verdict.holds ? 'yes' : 'no';
}
