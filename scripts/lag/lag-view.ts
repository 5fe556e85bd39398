import type { Timeline, TimelinePoint } from '../../services/lag-controller/src/reporting/timeline.ts';

const columns = 60;
const blocks = '▁▂▃▄▅▆▇█';

/** One character per value, from zero to the largest; a blank where a value is not known. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const largest = Math.max(1, ...values.map((value) => value ?? 0));
  return values
    .map((value) => (value === undefined ? ' ' : blocks[Math.round((value / largest) * (blocks.length - 1))]))
    .join('');
}

/** The newest rounds of a scaler as lines for a terminal. */
export function lagView({ scaler, group, topic, lagSeconds, points }: Timeline): string {
  const shown = points.slice(-columns);
  const last = shown.at(-1);
  if (last === undefined) return `${scaler}: no round yet`;
  const line = (name: string, read: (point: TimelinePoint) => number | undefined, now: string) =>
    `  ${name.padEnd(9)} ${sparkline(shown.map(read)).padStart(columns)}  ${now}`;
  const known = (value: number | undefined, unit = '') => (value === undefined ? 'unknown' : `${round(value)}${unit}`);
  const rates = `${known(last.arrivalRate, '/s')} in, ${known(last.consumptionRate, '/s')} out`;
  return [
    `${scaler}: ${group} on ${topic}, objective ${lagSeconds} s`,
    line('lag', ({ backlog }) => backlog, `${known(last.backlog)} messages, ${rates}`),
    line('age', ({ ageSeconds }) => ageSeconds, known(last.ageSeconds, ' s')),
    line(
      'replicas',
      ({ current }) => current,
      `${known(last.ready)} ready, ${known(last.desired)} wanted, ${known(last.partitions)} partitions`,
    ),
    `  ${last.action}: ${last.reason}${last.withheld === undefined ? '' : ` (not done: ${last.withheld})`}`,
    ...last.faults.map((fault) => `  ${fault}`),
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
