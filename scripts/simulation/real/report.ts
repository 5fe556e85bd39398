import type { Measured } from '../../../services/lag-controller/src/simulator/measures.ts';
import { table } from '../../kafka-cli/table.ts';
import type { Comparison } from './compare.ts';

const measures: readonly (readonly [keyof Measured, string])[] = [
  ['violationSeconds', 'violation s'],
  ['p99AgeSeconds', 'p99 age s'],
  ['replicaSeconds', 'replica-seconds'],
  ['rebalances', 'rebalances'],
  ['drainSeconds', 'drain s'],
];

/** Messages that come later than that did not make the load that was to be played. */
const lateAtMostSeconds = 1;

/** Each measure of each scenario, simulated and real, and by how much the simulation is off. */
export function realityTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ scenario, simulated, real }) =>
    measures.map(([key, words]) => [
      scenario,
      words,
      round(simulated[key]),
      round(real[key]),
      error(simulated[key], real[key]),
    ]),
  );
  const busy = comparisons.filter(({ real }) => real.lateSeconds > lateAtMostSeconds);
  const warnings = busy.map(
    ({ scenario }) => `${scenario}: this machine had too much else to do for the comparison to mean anything.`,
  );
  const notes = comparisons.map(
    ({ scenario, real }) =>
      `${scenario}: a replica began to join after ${round(real.startSeconds)} s, a rebalance took ${round(real.rebalanceSeconds)} s; messages came at most ${round(real.lateSeconds)} s late.`,
  );
  return `${table(['scenario', 'measure', 'simulated', 'real', 'error'], rows)}\n\n${[...notes, ...warnings].join('\n')}`;
}

/** Signed, with the share of the real value where there is one: `+3 (+12 %)`. */
export function error(simulated: number, real: number): string {
  const difference = round(simulated - real);
  const sign = (value: number) => (value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '±0');
  if (real === 0 || difference === 0) return sign(difference);
  return `${sign(difference)} (${sign(Math.round(((simulated - real) / real) * 100))} %)`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
