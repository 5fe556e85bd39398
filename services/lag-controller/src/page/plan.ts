import type { Timeline, TimelinePoint } from '../reporting/timeline.ts';
import { durationTicks, valueTicks } from './scale.ts';
import { formatCount, formatDuration, formatRate, formatShortDuration, unknown } from './wording.ts';

/** A line of a plot. Tones differ in hue, brightness and dashes, so that no eye needs all three. */
export interface Series {
  readonly label: string;
  readonly tone: 'main' | 'second' | 'ceiling';
  readonly shape: 'line' | 'step';
  readonly value: (point: TimelinePoint) => number | undefined;
}

export interface Plot {
  readonly id: string;
  readonly title: string;
  /** The first one is what the plot is about: it is filled, and where it is unknown the plot says so. */
  readonly series: readonly Series[];
  /** Drawn over the whole width. */
  readonly objective?: number;
  readonly format: (value: number | undefined) => string;
  /** Round values from zero to at least `max`. */
  readonly ticks: (max: number) => readonly number[];
  /** As short as the axis needs it. */
  readonly formatTick: (value: number) => string;
}

const formatWhole = (value: number | undefined) => (value === undefined ? unknown : String(value));

/** What is drawn, from top to bottom, all over the same time axis. */
export function plotsOf({ lagSeconds }: Pick<Timeline, 'lagSeconds'>): readonly Plot[] {
  return [
    {
      id: 'age',
      title: 'Age of the oldest message',
      series: [{ label: 'age', tone: 'main', shape: 'line', value: ({ ageSeconds }) => ageSeconds }],
      objective: lagSeconds,
      format: formatDuration,
      ticks: (max) => durationTicks(Math.max(max, 1.2 * lagSeconds), 4),
      formatTick: formatShortDuration,
    },
    {
      id: 'lag',
      title: 'Messages waiting',
      series: [{ label: 'lag', tone: 'main', shape: 'line', value: ({ backlog }) => backlog }],
      format: formatCount,
      ticks: (max) => valueTicks(Math.max(max, 10), 3, 1),
      formatTick: formatCount,
    },
    {
      id: 'rates',
      title: 'Messages per second',
      series: [
        { label: 'handled', tone: 'main', shape: 'line', value: ({ consumptionRate }) => consumptionRate },
        { label: 'arriving', tone: 'second', shape: 'line', value: ({ arrivalRate }) => arrivalRate },
      ],
      format: formatRate,
      ticks: (max) => valueTicks(Math.max(max, 1), 3),
      formatTick: formatCount,
    },
    {
      id: 'replicas',
      title: 'Replicas',
      series: [
        { label: 'ready', tone: 'main', shape: 'step', value: ({ ready }) => ready },
        { label: 'wanted', tone: 'second', shape: 'step', value: ({ desired }) => desired },
        { label: 'partitions (ceiling)', tone: 'ceiling', shape: 'step', value: ({ partitions }) => partitions },
      ],
      format: formatWhole,
      ticks: (max) => valueTicks(Math.max(max, 1), 4, 1),
      formatTick: String,
    },
  ];
}
