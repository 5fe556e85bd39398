import type { Sample } from '../../services/lag-controller/src/page/path.ts';
import { type Panel, panelsPlot, type Series } from './panels.ts';
import { delaysOf, type Recording, type RoundSeen } from './recording.ts';

const windowSeconds = 5;

function panelsOf({ burst, rounds, orders }: Recording): Panel[] {
  const of = (member: keyof RoundSeen) => rounds.map((round) => ({ atMs: round.at * 1_000, value: round[member] }));
  const line = (name: string, samples: readonly Sample[]): Series => ({ name, kind: 'line', samples });
  const step = (name: string, samples: readonly Sample[]): Series => ({ name, kind: 'step', samples });
  const delays = delaysOf(orders, windowSeconds);
  const delay = (member: 'p50' | 'p95') => delays.map((one) => ({ atMs: one.at * 1_000, value: one[member] }));
  return [
    {
      title: 'Age of the oldest unprocessed order, s',
      series: [line('age', of('ageSeconds'))],
      limit: { name: `objective ${burst.lagSeconds} s`, value: burst.lagSeconds },
    },
    { title: 'Lag, messages', series: [line('lag', of('backlog'))], leastStep: 1 },
    {
      title: 'Messages per second',
      series: [line('arrival', of('arrivalRate')), line('consumption', of('consumptionRate'))],
    },
    {
      title: 'Replicas of payments',
      series: [step('desired', of('desired')), step('actual', of('current'))],
      limit: { name: `${burst.partitions} partitions`, value: burst.partitions },
      leastStep: 1,
    },
    { title: 'From order to decision, s', series: [line('p50', delay('p50')), line('p95', delay('p95'))] },
  ];
}

/** A recorded burst as an SVG. */
export function burstPlot(recording: Recording, title: string): string {
  const { burst, rounds } = recording;
  const times = rounds.map(({ at }) => at * 1_000);
  return panelsPlot({
    title: `${title}: ${burst.orders} orders at ${burst.rate} per second`,
    panels: panelsOf(recording),
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
    gapMs: 15_000,
    axis: 'seconds since the burst began',
  });
}
