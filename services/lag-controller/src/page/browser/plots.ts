import type { Timeline, TimelinePoint } from '../../reporting/timeline.ts';
import { plotsOf } from '../plan.ts';
import { gapMsOf, movedBy, nearest } from '../points.ts';
import { linearScale, timeTicks } from '../scale.ts';
import { svg } from './elements.ts';
import { type Frame, inset, plotView } from './plot.ts';
import { stripView } from './strip.ts';
import { formatTime, tickFormat, zoneOffsetMs } from './times.ts';

const axisHeight = 22;

export interface Shown {
  readonly timeline: Timeline;
  /** Those within the window. */
  readonly points: readonly TimelinePoint[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The plots over one time axis, with one cursor: by pointer, or by keys while `container` has the focus.
 *
 * @param onCursor told where the cursor is; `undefined` when it follows the newest point again
 */
export function plotsView(
  container: HTMLElement,
  onCursor: (point: TimelinePoint | undefined, cause: 'key' | 'pointer') => void,
) {
  let shown: Shown | undefined;
  let frame: Frame | undefined;
  /** By time, so that it stays where it is while points come in. */
  let cursorAtMs: number | undefined;
  let views: readonly Pick<ReturnType<typeof plotView>, 'element' | 'draw' | 'point'>[] = [];
  let builtFor: string | undefined;
  const axis = svg('svg', { class: 'plot axis', height: axisHeight, 'aria-hidden': 'true' });

  const build = (timeline: Timeline) => {
    const key = `${timeline.scaler} ${timeline.lagSeconds}`;
    if (key === builtFor) return;
    builtFor = key;
    views = [...plotsOf(timeline).map(plotView), stripView()];
    container.replaceChildren(...views.map(({ element }) => element), axis);
  };
  const cursorIndex = () =>
    shown && cursorAtMs !== undefined ? Math.max(0, nearest(shown.points, cursorAtMs)) : undefined;
  const mark = () => {
    const points = shown?.points ?? [];
    const index = cursorIndex();
    const point = points[index ?? points.length - 1];
    for (const view of views) view.point(point, index !== undefined);
    container.setAttribute('aria-valuemax', String(Math.max(0, points.length - 1)));
    container.setAttribute('aria-valuenow', String(index ?? Math.max(0, points.length - 1)));
    container.setAttribute('aria-valuetext', point ? formatTime(point.atMs) : 'no data');
  };
  const draw = () => {
    const width = container.clientWidth;
    if (!shown || width === 0) return;
    build(shown.timeline);
    frame = frameOf(shown, width);
    for (const view of views) view.draw(frame);
    drawAxis(axis, frame);
    mark();
  };
  const moveTo = (index: number | undefined, cause: 'key' | 'pointer') => {
    const point = index === undefined ? undefined : shown?.points[index];
    if (point?.atMs === cursorAtMs) return;
    cursorAtMs = point?.atMs;
    mark();
    onCursor(point, cause);
  };

  const byPointer = ({ clientX }: PointerEvent) => {
    if (!shown || !frame) return;
    const { points, fromMs, toMs } = shown;
    const pixel = clientX - container.getBoundingClientRect().left;
    const atMs = linearScale([fromMs, toMs], [inset.left, frame.width - inset.right]).value(pixel);
    const index = nearest(points, atMs);
    if (index >= 0) moveTo(index, 'pointer');
  };
  container.addEventListener('pointermove', byPointer);
  container.addEventListener('pointerdown', byPointer);
  container.addEventListener('pointerleave', () => moveTo(undefined, 'pointer'));
  container.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'Escape') return moveTo(undefined, 'key');
    const index = movedBy(event.key, cursorIndex(), shown?.points.length ?? 0);
    if (index === undefined) return;
    event.preventDefault();
    moveTo(index, 'key');
  });
  new ResizeObserver(draw).observe(container);

  return {
    show(next: Shown) {
      shown = next;
      draw();
    },
    isMarked: () => cursorAtMs !== undefined,
    follow: () => moveTo(undefined, 'pointer'),
  };
}

function frameOf({ points, fromMs, toMs }: Shown, width: number): Frame {
  const x = linearScale([fromMs, toMs], [inset.left, width - inset.right]).pixel;
  const most = Math.max(2, Math.floor((width - inset.left) / 80));
  const ticks = timeTicks(fromMs, toMs, most, zoneOffsetMs(toMs));
  return { points, fromMs, toMs, gapMs: gapMsOf(points), width, x, timeTicks: ticks };
}

function drawAxis(axis: SVGElement, { timeTicks: ticks, width, x }: Frame): void {
  const format = tickFormat(ticks);
  axis.setAttribute('width', String(width));
  const isInside = (atMs: number) => x(atMs) > inset.left + 12 && x(atMs) < width - inset.right - 12;
  axis.replaceChildren(...ticks.filter(isInside).map((atMs) => svg('text', { x: x(atMs), y: 15 }, format(atMs))));
}
