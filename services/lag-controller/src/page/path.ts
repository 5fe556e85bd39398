/** One value at one time; `undefined` is not known and leaves a gap. */
export interface Sample {
  readonly atMs: number;
  readonly value: number | undefined;
}

type Known = Sample & { readonly value: number };

/**
 * The stretches in which every value is known and nothing is missing in between.
 *
 * @param gapMs two samples further apart than this are not joined: nobody looked in between
 */
export function runsOf(samples: readonly Sample[], gapMs: number): readonly (readonly Known[])[] {
  const runs: Known[][] = [];
  let last: Sample | undefined;
  for (const sample of samples) {
    const isJoined = last?.value !== undefined && sample.atMs - last.atMs <= gapMs;
    if (sample.value !== undefined)
      if (isJoined) runs.at(-1)?.push(sample as Known);
      else runs.push([sample as Known]);
    last = sample;
  }
  return runs;
}

/** Where a pixel is, for a time or a value. */
export interface Axes {
  readonly x: (atMs: number) => number;
  readonly y: (value: number) => number;
}

const rounded = (pixel: number) => Math.round(pixel * 10) / 10;
const corner = ({ x, y }: Axes, atMs: number, value: number) => `${rounded(x(atMs))} ${rounded(y(value))}`;

/** An SVG path straight from point to point. A value with gaps on both sides becomes a dot (with round line caps). */
export function linePath(runs: readonly (readonly Known[])[], axes: Axes): string {
  return runs
    .map((run) => {
      const [first, ...rest] = run.map(({ atMs, value }) => corner(axes, atMs, value));
      return rest.length === 0 ? `M${first}h0` : `M${first}L${rest.join('L')}`;
    })
    .join('');
}

/** An SVG path that holds each value until the next one: for what changes at once, as replicas do. */
export function stepPath(runs: readonly (readonly Known[])[], axes: Axes): string {
  return runs
    .map((run) => {
      const [first, ...rest] = run;
      if (!first) return '';
      const steps = rest.map(({ atMs, value }) => `H${rounded(axes.x(atMs))}V${rounded(axes.y(value))}`);
      return `M${corner(axes, first.atMs, first.value)}${steps.length === 0 ? 'h0' : steps.join('')}`;
    })
    .join('');
}

/** The line's path, closed along zero. */
export function areaPath(runs: readonly (readonly Known[])[], axes: Axes): string {
  return runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const corners = run.map(({ atMs, value }) => corner(axes, atMs, value));
      const ends = [run.at(-1), run[0]].map((end) => corner(axes, end?.atMs ?? 0, 0));
      return `M${[...corners, ...ends].join('L')}Z`;
    })
    .join('');
}

/** From when to when nothing was known. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The stretches between `fromMs` and `toMs` that no run covers. */
export function gapsOf(runs: readonly (readonly Known[])[], fromMs: number, toMs: number): readonly Gap[] {
  const starts = [...runs.map((run) => run[0]?.atMs ?? toMs), toMs];
  const ends = [fromMs, ...runs.map((run) => run.at(-1)?.atMs ?? fromMs)];
  return starts
    .map((start, index) => ({ fromMs: ends[index] ?? fromMs, toMs: start }))
    .filter((gap) => gap.toMs > gap.fromMs);
}
