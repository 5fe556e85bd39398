import { type Panel, panelsPlot, type Series } from '../picture/panels.ts';
import { partitions } from './loads.ts';
import type { Recorded, RecordedLoad, RecordedSide } from './recorded.ts';
import { bestOf } from './verdicts.ts';

/** Lag and replicas of three sides under every load: ours, KEDA at its defaults, and KEDA at what was best for the load. */
export function versusPlot({ loads, keda }: Recorded): string {
  return panelsPlot({
    title: `The lag controller and KEDA ${keda}, the same consumers under the same load`,
    panels: loads.flatMap(panelsOf),
    fromMs: 0,
    toMs: 1_000 * Math.max(...loads.map(({ seconds }) => seconds)),
    // Counts are kept where they changed only.
    gapMs: Number.POSITIVE_INFINITY,
    axis: 'seconds since the load began',
  });
}

function panelsOf({ load, sides }: RecordedLoad): Panel[] {
  const ours = sides.filter(({ side }) => side.kind === 'ours').slice(0, 1);
  const best = bestOf(sides);
  const others = sides.filter((one) => one.side.name === 'keda' || one === best);
  const shown = [...ours, ...others];
  return [
    { title: `${load}: lag, messages`, series: shown.map((side) => series(side, 'line', side.lag)), leastStep: 1 },
    {
      title: `${load}: replicas asked for`,
      series: shown.map((side) => series(side, 'step', side.desired)),
      limit: { name: `${partitions} partitions`, value: partitions },
      leastStep: 1,
    },
  ];
}

function series({ side }: RecordedSide, kind: Series['kind'], points: RecordedSide['lag']): Series {
  return { name: side.name, kind, samples: points.map(([at, value]) => ({ atMs: at * 1_000, value })) };
}
