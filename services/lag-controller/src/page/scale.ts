/** From data to pixels along one axis, and back. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly pixel: (value: number) => number;
  readonly value: (pixel: number) => number;
}

/** `from` is drawn at `fromPixel`, `to` at `toPixel`; an empty domain is drawn at `fromPixel`. */
export function linearScale(
  [from, to]: readonly [number, number],
  [fromPixel, toPixel]: readonly [number, number],
): Scale {
  const perUnit = to === from ? 0 : (toPixel - fromPixel) / (to - from);
  return {
    from,
    to,
    pixel: (value) => fromPixel + (value - from) * perUnit,
    value: (pixel) => (perUnit === 0 ? from : from + (pixel - fromPixel) / perUnit),
  };
}

/**
 * Round numbers from zero upwards, 1, 2 or 5 times a power of ten apart; the last one is not below `max`.
 *
 * @param intervals how many steps there may be at most
 * @param leastStep 1 for what can only be counted
 */
export function valueTicks(max: number, intervals: number, leastStep = 0): readonly number[] {
  const wanted = Math.max(max > 0 ? max / intervals : 1 / intervals, leastStep);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= wanted * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

const timeStepsSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

/**
 * Times on whole steps of the local clock, at most `most` of them.
 *
 * @param offsetMs local time minus UTC, so that a half-hour zone has its ticks on whole minutes too
 */
export function timeTicks(fromMs: number, toMs: number, most: number, offsetMs = 0): readonly number[] {
  const wantedMs = (toMs - fromMs) / Math.max(1, most);
  const stepMs = (timeStepsSeconds.find((seconds) => seconds * 1_000 >= wantedMs) ?? 3_600) * 1_000;
  const ticks: number[] = [];
  for (let atMs = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs; atMs - offsetMs <= toMs; atMs += stepMs)
    ticks.push(atMs - offsetMs);
  return ticks;
}

const durationStepsSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200];

/** Durations from zero upwards that are round in seconds, minutes or hours; the last one is not below `maxSeconds`. */
export function durationTicks(maxSeconds: number, intervals: number): readonly number[] {
  const wanted = maxSeconds / intervals;
  const step = durationStepsSeconds.find((seconds) => seconds >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
  const count = Math.max(1, Math.ceil(maxSeconds / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
