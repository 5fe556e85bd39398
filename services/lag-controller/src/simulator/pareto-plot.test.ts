import { describe, expect, it } from '@jest/globals';
import { paretoPlot } from './pareto-plot.ts';
import type { Summary } from './summary.ts';

const summary = (controller: string, violationSeconds: number, hours: number, rebalances = 16): Summary => ({
  ...{ controller, violationSeconds, rebalances },
  ...{ replicaSeconds: hours * 3_600, p99AgeSeconds: 1, drainSeconds: 0 },
});

const plotted = [
  summary('lag-controller', 10, 20),
  summary('keda-50', 100, 10),
  summary('keda-50-rate-80', 100, 30, 400),
  summary('static-12', 0, 40),
  summary('oracle', 0, 10),
];

interface Dot {
  readonly title: string;
  readonly family: string;
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

function dotsOf(plot: string): Map<string, Dot> {
  const dots = [
    ...plot.matchAll(/<title>(([^:]+): [^<]*)<\/title><circle class="(\w+)" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g),
  ];
  return new Map(
    dots.map(([, title = '', controller = '', family = '', x, y, r]) => [
      controller,
      { title, family, x: Number(x), y: Number(y), r: Number(r) },
    ]),
  );
}

describe('the picture of violations against replica-hours', () => {
  const plot = paretoPlot(plotted, 'A & B < C');
  const dots = dotsOf(plot);
  const at = (controller: string) => dots.get(controller) as Dot;

  it('has a dot with its figures for each controller, in the colour of its family', () => {
    expect([...dots].map(([controller, { family }]) => [controller, family])).toEqual([
      ['lag-controller', 'ours'],
      ['keda-50', 'keda'],
      ['keda-50-rate-80', 'dual'],
      ['static-12', 'other'],
      ['oracle', 'other'],
    ]);
    expect(at('keda-50').title).toBe('keda-50: 100 s over the objective, 10 replica-hours, 16 rebalances');
  });

  it('goes right with the cost and up with the violations, by the factor', () => {
    expect(at('keda-50').x).toBeLessThan(at('lag-controller').x);
    expect(at('keda-50-rate-80').x - at('lag-controller').x).toBeCloseTo(at('lag-controller').x - at('keda-50').x, 0);
    expect(at('oracle').x).toBe(at('keda-50').x);
    // 0 s is drawn as 1 s, the least that a logarithm can show.
    expect(at('static-12').y - at('lag-controller').y).toBeCloseTo(at('lag-controller').y - at('keda-50').y, 0);
    expect(at('keda-50').y).toBeLessThan(at('static-12').y);
  });

  it('has larger dots where there are more rebalances', () => {
    expect([at('keda-50').r, at('keda-50-rate-80').r]).toEqual([4, 8]);
  });

  it('joins those that can be had and that nobody beats in both, so without the oracle', () => {
    const points = plot.match(/<polyline class="front" points="([^"]*)"/)?.[1];
    const front = ['keda-50', 'lag-controller', 'static-12'].map((name) => `${at(name).x},${at(name).y}`);
    expect(points).toBe(front.join(' '));
  });

  it('names ours and the others where no dot is hidden by it', () => {
    const names = (others: Summary[]) =>
      [
        ...paretoPlot([...plotted, ...others], '').matchAll(/class="label" [^>]*?(?: text-anchor="(end)")?>([^<]*)</g),
      ].map(([, anchor, name]) => [name, anchor === 'end' ? 'left' : 'right']);
    expect(names([])).toEqual([
      ['lag-controller', 'right'],
      ['static-12', 'left'],
      ['oracle', 'right'],
    ]);
    expect(names([summary('keda-100', 10, 22)])).toContainEqual(['lag-controller', 'left']);
  });

  it('marks the axes in hours and in seconds', () => {
    const marks = [...plot.matchAll(/text-anchor="(middle|end)">(\d+)</g)].map(([, , mark]) => mark);
    expect(marks).toEqual(['10', '15', '20', '25', '30', '35', '40', '1', '3', '10', '30', '100']);
  });

  it('is well-formed whatever the title and the figures are', () => {
    expect(plot).toContain('aria-label="A &amp; B &lt; C"');
    for (const few of [[summary('a<b', 0, 0, 0)], [summary('static-1', 5, 5), summary('static-2', 5, 5)]]) {
      const small = paretoPlot(few, 'few');
      expect(small).not.toMatch(/NaN|Infinity|undefined|a<b/);
      expect(dotsOf(small).size).toBe(few.length);
    }
  });
});
