import type { TimelinePoint } from '../../reporting/timeline.ts';
import { meaningOf, reasonWords } from '../reason-words.ts';
import { type Stretch, stretchesOf } from '../stretches.ts';
import { html, svg } from './elements.ts';
import type { Frame } from './plot.ts';

const height = 48;
const bandTop = 22;
const bandHeight = 22;
/** Of the labels' type, on average. */
const letterWidth = 6.3;

const moods = [
  ['calm', 'all well'],
  ['waiting', 'waits'],
  ['limited', 'at a limit'],
  ['blind', 'cannot see'],
  ['paused', 'paused'],
] as const;

/** What the controller decided and why, under the plots: a band of reasons, and above it each change with its target. */
export function stripView() {
  const picture = svg('svg', { class: 'plot strip', height, 'aria-hidden': 'true' });
  const cursor = svg('g', { class: 'cursor' });
  let x: Frame['x'] | undefined;
  const key = ([mood, label]: (typeof moods)[number]) =>
    html('span', { class: 'key' }, svg('svg', { width: 12, height: 12 }, ...band(mood, 0, 12, 0, 12)), label);
  return {
    element: html(
      'figure',
      { id: 'plot-decisions' },
      html('figcaption', {}, html('h3', {}, 'Decisions'), ...moods.map(key)),
      picture,
    ),
    draw(frame: Frame) {
      x = frame.x;
      picture.setAttribute('width', String(frame.width));
      const stretches = stretchesOf(frame.points, frame.gapMs);
      const bands = stretches.flatMap((stretch, index) => bandOf(stretch, stretches[index + 1], frame));
      picture.replaceChildren(...bands, ...changes(stretches, frame), cursor);
    },
    point(point: TimelinePoint | undefined, isMarked: boolean) {
      const line = () => svg('path', { class: 'crosshair', d: `M${x?.(point?.atMs ?? 0)} 0V${height}` });
      cursor.replaceChildren(...(point && x && isMarked ? [line()] : []));
    },
  };
}

function bandOf(stretch: Stretch, next: Stretch | undefined, frame: Frame): readonly SVGElement[] {
  const from = frame.x(stretch.first.atMs);
  const width = Math.max(2, frame.x(stretch.untilMs) - from - (next ? 1 : 0));
  const { mood } = meaningOf(stretch.first.reason);
  const words = reasonWords(stretch.first.reason);
  const isRoomy = words.length * letterWidth + 12 < width;
  const label = svg('text', { class: `on-${mood}`, x: from + 6, y: bandTop + 15 }, words);
  return [...band(mood, from, width, bandTop, bandHeight), ...(isRoomy ? [label] : [])];
}

function band(mood: string, x: number, width: number, y: number, tall: number): readonly SVGElement[] {
  const place = { x, y, width, height: tall, rx: 2 };
  const hatched = mood === 'blind' ? [svg('rect', { ...place, fill: 'url(#hatch)' })] : [];
  return [svg('rect', { class: `band ${mood}`, ...place }), ...hatched];
}

/** A triangle that points up or down, with the replicas that were decided on where the next one leaves room for them. */
function changes(stretches: readonly Stretch[], frame: Frame): readonly SVGElement[] {
  const made = stretches.filter(({ first }) => first.action !== 'hold' && first.desired !== undefined);
  return made.flatMap(({ first }, index) => {
    const at = frame.x(first.atMs);
    const label = String(first.desired);
    const next = made[index + 1];
    const room = (next ? frame.x(next.first.atMs) - 6 : frame.width) - at;
    const d = first.action === 'up' ? `M${at - 5} 16l5 -9l5 9z` : `M${at - 5} 8l5 9l5 -9z`;
    const isRoomy = room >= 10 + label.length * 8;
    return [
      svg('path', { class: `change ${first.action}`, d }),
      ...(isRoomy ? [svg('text', { class: 'change-label', x: at + 8, y: 16 }, label)] : []),
    ];
  });
}
