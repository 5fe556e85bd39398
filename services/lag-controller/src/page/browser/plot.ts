import type { TimelinePoint } from '../../reporting/timeline.ts';
import { type Axes, areaPath, gapsOf, linePath, runsOf, stepPath } from '../path.ts';
import type { Plot, Series } from '../plan.ts';
import { linearScale } from '../scale.ts';
import { html, svg } from './elements.ts';

/** What all plots share: the points shown, and where their times are. */
export interface Frame {
  readonly points: readonly TimelinePoint[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly gapMs: number;
  readonly width: number;
  readonly x: (atMs: number) => number;
  readonly timeTicks: readonly number[];
}

/** Room for the labels of values, and for that of a change just now. */
export const inset = { left: 58, right: 18 };
const top = 8;
const bottom = 6;

export interface PlotView {
  readonly element: HTMLElement;
  readonly draw: (frame: Frame) => void;
  /** Marks one point, and shows its values in the legend; without `isMarked` only the latter. */
  readonly point: (point: TimelinePoint | undefined, isMarked: boolean) => void;
}

export function plotView(plot: Plot): PlotView {
  const height = plot.id === 'age' ? 132 : 96;
  const picture = svg('svg', { class: 'plot', height, 'aria-hidden': 'true' });
  const cursor = svg('g', { class: 'cursor' });
  const values = plot.series.map(() => html('b', {}));
  let axes: Axes | undefined;
  return {
    element: html('figure', { id: `plot-${plot.id}` }, caption(plot, values), picture),
    draw(frame) {
      const ticks = plot.ticks(largest(plot, frame.points));
      const y = linearScale([0, ticks.at(-1) ?? 1], [height - bottom, top]).pixel;
      axes = { x: frame.x, y };
      picture.setAttribute('width', String(frame.width));
      picture.replaceChildren(
        ...grid(plot, frame, axes, ticks),
        ...lines(plot, frame, axes),
        ...objective(plot, frame, axes),
        cursor,
      );
    },
    point(point, isMarked) {
      for (const [index, { value }] of plot.series.entries())
        (values[index] as HTMLElement).textContent = plot.format(point && value(point));
      cursor.replaceChildren(...(point && axes && isMarked ? marks(plot, point, axes, height) : []));
    },
  };
}

function caption(plot: Plot, values: readonly HTMLElement[]): HTMLElement {
  const key = (tone: string) =>
    svg('svg', { width: 18, height: 8, 'aria-hidden': 'true' }, svg('path', { class: `line ${tone}`, d: 'M1 4h16' }));
  return html(
    'figcaption',
    {},
    html('h3', {}, plot.title),
    ...plot.series.map(({ label, tone }, index) =>
      html('span', { class: 'key' }, key(tone), label, ' ', values[index] as HTMLElement),
    ),
    ...(plot.objective === undefined
      ? []
      : [html('span', { class: 'key' }, key('objective'), 'objective ', html('b', {}, plot.format(plot.objective)))]),
  );
}

function largest({ series }: Plot, points: readonly TimelinePoint[]): number {
  return points.reduce((most, point) => Math.max(most, ...series.map(({ value }) => value(point) ?? 0)), 0);
}

function grid(plot: Plot, frame: Frame, { x, y }: Axes, ticks: readonly number[]): readonly SVGElement[] {
  const right = frame.width - inset.right;
  const label = (tick: number) => {
    const text = svg('text', { x: inset.left - 8, y: y(tick) + 4 }, tick === 0 ? '0' : plot.formatTick(tick));
    return [svg('path', { class: 'grid', d: `M${inset.left} ${Math.round(y(tick)) + 0.5}H${right}` }), text];
  };
  const times = frame.timeTicks.map((atMs) => `M${Math.round(x(atMs)) + 0.5} ${top}V${y(0)}`).join('');
  return [...ticks.flatMap(label), svg('path', { class: 'grid', d: times })];
}

function samplesOf({ value }: Series, points: readonly TimelinePoint[]) {
  return points.map((point) => ({ atMs: point.atMs, value: value(point) }));
}

function lines(plot: Plot, frame: Frame, axes: Axes): readonly SVGElement[] {
  const drawn = plot.series.map((series) => {
    const runs = runsOf(samplesOf(series, frame.points), frame.gapMs);
    const path = series.shape === 'step' ? stepPath(runs, axes) : linePath(runs, axes);
    return { runs, line: svg('path', { class: `line ${series.tone}`, d: path }) };
  });
  const about = drawn[0]?.runs ?? [];
  const bottomY = axes.y(0);
  const gaps = gapsOf(about, frame.points[0]?.atMs ?? frame.toMs, frame.toMs).map(({ fromMs, toMs }) => {
    const width = Math.max(1, axes.x(toMs) - axes.x(fromMs));
    return svg('rect', { class: 'gap', x: axes.x(fromMs), y: top, width, height: bottomY - top, fill: 'url(#hatch)' });
  });
  const fill = plot.series.length === 1 ? [svg('path', { class: 'area', d: areaPath(about, axes) })] : [];
  const over = plot.objective === undefined ? [] : overObjective(plot.objective, areaPath(about, axes), axes, frame);
  // What a plot is about lies on top.
  return [...gaps, ...fill, ...over, ...drawn.map(({ line }) => line).reverse()];
}

/** The part of the area that is above the objective. */
function overObjective(limit: number, area: string, { y }: Axes, frame: Frame): readonly SVGElement[] {
  const clip = svg('rect', { x: 0, y: 0, width: frame.width, height: Math.max(0, y(limit)) });
  return [
    svg('clipPath', { id: 'above-objective' }, clip),
    svg('path', { class: 'over', d: area, 'clip-path': 'url(#above-objective)' }),
  ];
}

function objective(plot: Plot, frame: Frame, { y }: Axes): readonly SVGElement[] {
  if (plot.objective === undefined) return [];
  const d = `M${inset.left} ${y(plot.objective)}H${frame.width - inset.right}`;
  return [svg('path', { class: 'line objective', d })];
}

function marks(plot: Plot, point: TimelinePoint, { x, y }: Axes, height: number): readonly SVGElement[] {
  const at = x(point.atMs);
  const dots = plot.series.flatMap(({ tone, value }) => {
    const known = value(point);
    return known === undefined ? [] : [svg('circle', { class: `dot ${tone}`, cx: at, cy: y(known), r: 3.5 })];
  });
  return [svg('path', { class: 'crosshair', d: `M${at} 0V${height}` }), ...dots];
}
