/** Panels of one time axis, one above the other, as an SVG for light and dark pages. Pure. */
import { linePath, runsOf, type Sample, stepPath } from '../../services/lag-controller/src/page/path.ts';
import { linearScale, valueTicks } from '../../services/lag-controller/src/page/scale.ts';

const frame = { width: 860, left: 56, right: 16, top: 34, panel: 84, gap: 34, bottom: 34 };

const style = `
  svg { font: 12px system-ui, sans-serif; background: #fff; color: #1f2328; }
  text { fill: currentColor; } .grid { stroke: currentColor; fill: none; opacity: .12; } .axis { stroke: currentColor; opacity: .6; fill: none; }
  .title { font-weight: 600; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
  .one { stroke: #0b6e4f; } .two { stroke: #b4690e; stroke-dasharray: 7 4; } .three { stroke: #6639ba; stroke-dasharray: 1 5; }
  .limit { stroke: #c62828; stroke-dasharray: 12 5; stroke-width: 1; fill: none; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3; }
    .one { stroke: #3ddc97; } .two { stroke: #e3a04f; } .three { stroke: #b594ff; } .limit { stroke: #ff8a80; }
  }`;

/** Of a letter of the legend, about; no font is asked. */
const letterWidth = 7;
const sampleWidth = 28;

export interface Series {
  readonly name: string;
  readonly kind: 'line' | 'step';
  readonly samples: readonly Sample[];
}

export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  /** A line that is not to be crossed. */
  readonly limit?: { readonly name: string; readonly value: number };
  readonly leastStep?: number;
}

export interface Drawing {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Samples that are further apart are not joined: nobody looked in between. */
  readonly gapMs: number;
  /** What the time axis counts. */
  readonly axis: string;
}

export function panelsPlot({ title, panels, fromMs, toMs, gapMs, axis }: Drawing): string {
  const x = linearScale([fromMs, toMs], [frame.left, frame.width - frame.right]);
  const height = frame.top + panels.length * (frame.panel + frame.gap) + frame.bottom;
  const bottom = height - frame.bottom;
  const times = valueTicks(toMs / 1_000, 12, 10).filter((seconds) => seconds * 1_000 <= toMs);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${height}" role="img" aria-label="${title}">
<style>${style}
</style>
<text x="${frame.left}" y="20" class="title">${title}</text>
${panels.map((panel, index) => panelPlot(panel, frame.top + index * (frame.panel + frame.gap), x, gapMs)).join('\n')}
${times.map((seconds) => `<path class="grid" d="M${rounded(x.pixel(seconds * 1_000))} ${frame.top}V${bottom}"/><text x="${rounded(x.pixel(seconds * 1_000))}" y="${bottom + 16}" text-anchor="middle">${seconds}</text>`).join('\n')}
<text x="${frame.width - frame.right}" y="${height - 4}" text-anchor="end">${axis}</text>
</svg>
`;
}

type X = ReturnType<typeof linearScale>;

function panelPlot({ title, series, limit, leastStep = 0 }: Panel, top: number, x: X, gapMs: number): string {
  const [first, last] = [top + frame.gap, top + frame.gap + frame.panel];
  const values = series.flatMap(({ samples }) => samples.flatMap(({ value }) => value ?? []));
  const ticks = valueTicks(Math.max(1, limit?.value ?? 0, ...values), 4, leastStep);
  const y = linearScale([0, ticks.at(-1) ?? 1], [last, first]);
  const axes = { x: x.pixel, y: y.pixel };
  const right = frame.width - frame.right;
  const rows = ticks.map((value) => {
    const at = rounded(y.pixel(value));
    return `<path class="grid" d="M${frame.left} ${at}H${right}"/><text x="${frame.left - 8}" y="${at + 4}" text-anchor="end">${value}</text>`;
  });
  const paths = series.map(({ kind, samples }, index) => {
    const runs = runsOf(samples, gapMs);
    const d = kind === 'step' ? stepPath(runs, axes) : linePath(runs, axes);
    return `<path class="line ${classOf(index)}" d="${d}"/>`;
  });
  const names = [
    ...series.map(({ name }, index) => ({ name, style: `line ${classOf(index)}` })),
    ...(limit ? [{ name: limit.name, style: 'limit' }] : []),
  ];
  return [
    `<text class="title" x="${frame.left}" y="${first - 8}">${title}</text>`,
    ...legend(names, first - 8),
    ...rows,
    `<path class="axis" d="M${frame.left} ${last}H${right}"/>`,
    // Dashes over what is drawn through, so that lines which go together are seen to.
    ...paths,
    ...(limit ? [`<path class="limit" d="M${frame.left} ${rounded(y.pixel(limit.value))}H${right}"/>`] : []),
  ].join('\n');
}

/** A piece of each line with its name, up to the right edge. */
function legend(names: readonly { readonly name: string; readonly style: string }[], y: number): string[] {
  let end = frame.width - frame.right;
  return names.toReversed().map(({ name, style: line }) => {
    const start = end - name.length * letterWidth;
    const sample = `<path class="${line}" d="M${start - sampleWidth - 6} ${y - 4}h${sampleWidth}"/>`;
    end = start - sampleWidth - 26;
    return `${sample}<text x="${start}" y="${y}">${name}</text>`;
  });
}

const classOf = (index: number) => ['one', 'two', 'three'][index] ?? 'three';
const rounded = (pixel: number) => Math.round(pixel * 10) / 10;
