import { paretoFront, type Summary } from './summary.ts';

const size = { width: 860, height: 544, left: 70, right: 20, top: 80, bottom: 56 };
/** Of a name in bold, about; no font is asked. */
const letterWidth = 7.6;
const lineHeight = 14;

const style = `
  svg { font: 12px system-ui, sans-serif; background: #fff; color: #1f2328; }
  text { fill: currentColor; } .axis, .grid { stroke: currentColor; fill: none; } .axis { opacity: .6; } .grid { opacity: .12; }
  .front { stroke: currentColor; stroke-dasharray: 4 4; fill: none; opacity: .5; }
  .ours { fill: #0b6e4f; } .keda { fill: #8a94a6; } .dual { fill: #b4690e; } .other { fill: #7c3aed; }
  .title, .label { font-weight: 600; } .label { stroke: #fff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3; } .label { stroke: #0d1117; }
    .ours { fill: #3ddc97; } .keda { fill: #6e7a8d; } .dual { fill: #e3a04f; } .other { fill: #b794f6; }
  }`;

const families = [
  ['ours', 'lag-controller'],
  ['keda', 'KEDA, lag'],
  ['dual', 'KEDA, lag and rate'],
  ['other', 'others'],
] as const;

/**
 * Violations against replica-hours as an SVG, for light and dark pages: the area of a dot is its rebalances, the dashed line
 * joins those that no other one has both less violation and fewer replica-hours than.
 */
export function paretoPlot(summaries: readonly Summary[], title: string): string {
  const x = scale(
    summaries.map(({ replicaSeconds }) => replicaSeconds / 3_600),
    [size.left, size.width - size.right],
  );
  // Logarithmic, from what is shown on: none of the laws is near to nothing in the sum of all scenarios.
  const y = scale(
    summaries.map(({ violationSeconds }) => Math.log10(Math.max(1, violationSeconds))),
    [size.height - size.bottom, size.top],
  );
  const place = (one: Summary) => ({
    cx: x.at(one.replicaSeconds / 3_600),
    cy: y.at(Math.log10(Math.max(1, one.violationSeconds))),
  });
  const dots = summaries.map((one) => dot(one, place(one)));
  // Over all dots, or another one would hide a name.
  const labels = summaries.map((one) => label(one, place(one), summaries.map(place)));
  // Hindsight can't be had: it would be the whole front.
  const reachable = summaries.filter(({ controller }) => !controller.startsWith('oracle'));
  const line = paretoFront(reachable.map((one) => ({ ...one, rebalances: 0 })))
    .sort((left, right) => left.replicaSeconds - right.replicaSeconds)
    .map((one) => `${round(place(one).cx)},${round(place(one).cy)}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(title)}">
<style>${style}
</style>
<text x="${size.left}" y="20" class="title">${escaped(title)}</text>
${families.map(([name, words], index) => `<circle class="${name}" cx="${size.left + 6 + index * 150}" cy="38" r="5"/><text x="${size.left + 16 + index * 150}" y="42">${words}</text>`).join('\n')}
<text x="${size.left}" y="64">The larger a dot, the more rebalances. The dashed line joins what nothing beats in both, save the oracles with their hindsight.</text>
${axes(x, y)}
<polyline class="front" points="${line.join(' ')}"/>
${dots.join('\n')}
${labels.filter(Boolean).join('\n')}
</svg>
`;
}

interface Scale {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

function scale(values: readonly number[], [first, last]: readonly [number, number]): Scale {
  const margin = (Math.max(...values) - Math.min(...values)) * 0.06 || 1;
  const from = Math.min(...values) - margin;
  const to = Math.max(...values) + margin;
  return { from, to, at: (value) => first + ((value - from) / (to - from)) * (last - first) };
}

function axes(x: Scale, y: Scale): string {
  const bottom = size.height - size.bottom;
  const right = size.width - size.right;
  const columns = ticks(x.from, x.to).map(
    (hours) =>
      `<path class="grid" d="M${round(x.at(hours))} ${size.top}V${bottom}"/><text x="${round(x.at(hours))}" y="${bottom + 18}" text-anchor="middle">${hours}</text>`,
  );
  const rows = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]
    .filter((seconds) => Math.log10(seconds) >= y.from && Math.log10(seconds) <= y.to)
    .map((seconds) => {
      const at = round(y.at(Math.log10(seconds)));
      return `<path class="grid" d="M${size.left} ${at}H${right}"/><text x="${size.left - 8}" y="${at + 4}" text-anchor="end">${seconds.toLocaleString('en')}</text>`;
    });
  return [
    ...columns,
    ...rows,
    `<path class="axis" d="M${size.left} ${size.top}V${bottom}H${right}"/>`,
    `<text x="${(size.left + right) / 2}" y="${size.height - 14}" text-anchor="middle">replica-hours, over all loads</text>`,
    `<text transform="translate(16 ${(size.top + bottom) / 2}) rotate(-90)" text-anchor="middle">seconds over the objective, over all loads (logarithmic)</text>`,
  ].join('\n');
}

function ticks(from: number, to: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].find((width) => (to - from) / width <= 10) ?? 2_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

interface Place {
  readonly cx: number;
  readonly cy: number;
}

function dot(one: Summary, { cx, cy }: Place): string {
  const radius = radiusOf(one);
  const words = `${one.controller}: ${Math.round(one.violationSeconds)} s over the objective, ${round(one.replicaSeconds / 3_600)} replica-hours, ${round(one.rebalances)} rebalances`;
  return `<g><title>${escaped(words)}</title><circle class="${familyOf(one.controller)}" cx="${round(cx)}" cy="${round(cy)}" r="${round(radius)}" opacity="0.8"/></g>`;
}

/** On the side where it hides fewer dots. Settings of KEDA are too many to be named. */
function label(one: Summary, { cx, cy }: Place, all: readonly Place[]): string {
  if (!['ours', 'other'].includes(familyOf(one.controller))) return '';
  const away = radiusOf(one) + 4;
  const width = one.controller.length * letterWidth;
  const hidden = (from: number) =>
    from < size.left || from + width > size.width
      ? all.length
      : all.filter((dot) => dot.cx > from && dot.cx < from + width && Math.abs(dot.cy - cy) < lineHeight).length;
  const isLeft = hidden(cx - away - width) < hidden(cx + away);
  const where = `x="${round(isLeft ? cx - away : cx + away)}" y="${round(cy + 4)}"${isLeft ? ' text-anchor="end"' : ''}`;
  return `<text class="label" ${where}>${escaped(one.controller)}</text>`;
}

/** Of a dot whose area grows with the rebalances. */
const radiusOf = ({ rebalances }: Summary) => 3 + Math.sqrt(rebalances) / 4;

function familyOf(controller: string): 'ours' | 'keda' | 'dual' | 'other' {
  if (controller.startsWith('lag-controller')) return 'ours';
  if (!controller.startsWith('keda-')) return 'other';
  return controller.includes('-rate-') ? 'dual' : 'keda';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
