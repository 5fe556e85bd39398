import type { TimelinePoint } from '../reporting/timeline.ts';
import { reasonWords } from './reason-words.ts';

/** What is not known is said, never shown as a zero. */
export const unknown = 'unknown';

/** Three digits are enough to see: 950, 12.3k, 4.56M. */
export function formatCount(value: number | undefined): string {
  if (value === undefined) return unknown;
  if (value < 999.5) return String(Number(value.toPrecision(3)));
  const [divisor, sign] = value < 999_500 ? [1_000, 'k'] : [1_000_000, 'M'];
  return `${Number((value / divisor).toPrecision(3))}${sign}`;
}

/** `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined) return unknown;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, small, names] =
    whole < 3_600
      ? [Math.floor(whole / 60), whole % 60, ['min', 's']]
      : [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), ['h', 'min']];
  return small === 0 ? `${large} ${names[0]}` : `${large} ${names[0]} ${small} ${names[1]}`;
}

/** Of whole seconds, in one unit: `90 s`, `2 min`, `3 h`. */
export function formatShortDuration(seconds: number): string {
  if (seconds % 3_600 === 0 && seconds > 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} min` : `${seconds} s`;
}

export function formatRate(perSecond: number | undefined): string {
  return perSecond === undefined ? unknown : `${formatCount(perSecond)}/s`;
}

const withheldWords = {
  'dry-run': 'dry run: nothing is written',
  'not-leader': 'another controller is the leader and acts',
  conflict: 'somebody else scales the target: nothing is written',
  unavailable: 'the target could not be written',
} as const;

/** `partition 3`, `partitions 1, 2 and 5`. */
function partitionWords(partitions: readonly number[]): string {
  if (partitions.length === 1) return `partition ${partitions[0]}`;
  return `partitions ${partitions.slice(0, -1).join(', ')} and ${partitions.at(-1)}`;
}

/** What there is to say of a round beyond its decision: why it was not done, partitions to look at, and faults. */
export function remarksOf({ withheld, stalled = [], unseen, hot, faults }: TimelinePoint): readonly string[] {
  return [
    ...(withheld ? [withheldWords[withheld]] : []),
    ...stalled.map(
      ({ partition, offset, forSeconds }) =>
        `partition ${partition} stands still at offset ${offset} for ${formatDuration(forSeconds)}`,
    ),
    ...(unseen ? [`${partitionWords(unseen)} could not be read`] : []),
    ...(hot ? [`${partitionWords(hot)}: more than one replica can do`] : []),
    ...faults,
  ];
}

/** `Up to 4`, `Hold at 3`, `Hold`. */
export function actionWords({ action, desired }: TimelinePoint): string {
  const verb = { up: 'Up', down: 'Down', hold: 'Hold' }[action];
  if (desired === undefined) return verb;
  return action === 'hold' ? `${verb} at ${desired}` : `${verb} to ${desired}`;
}

/** `Up to 4: objective at risk`, `Hold: unknown data`. */
export const decisionWords = (point: TimelinePoint): string => `${actionWords(point)}: ${reasonWords(point.reason)}`;

/** `3 ready of 4`; what is not known says so. */
export function replicaWords({ current, ready }: TimelinePoint): string {
  if (current === undefined && ready === undefined) return unknown;
  if (ready === current) return `${ready} ready`;
  return `${ready ?? unknown} ready of ${current ?? unknown}`;
}

/** One point as one sentence for who cannot see the plots. */
export function pointSentence(point: TimelinePoint, time: string): string {
  return [
    time,
    `age ${formatDuration(point.ageSeconds)}`,
    `${formatCount(point.backlog)} waiting`,
    `replicas ${replicaWords(point)}, ${point.desired ?? unknown} wanted`,
    `${point.partitions ?? unknown} partitions`,
    `arriving ${formatRate(point.arrivalRate)}`,
    `handled ${formatRate(point.consumptionRate)}`,
    decisionWords(point),
    ...remarksOf(point),
  ].join('; ');
}

export interface Headline {
  readonly state: 'within' | 'over' | 'unknown';
  readonly words: string;
}

/** How it stands, in words that need no colour. */
export function headlineOf(ageSeconds: number | undefined, lagSeconds: number): Headline {
  if (ageSeconds === undefined) return { state: 'unknown', words: 'Cannot tell' };
  if (ageSeconds > lagSeconds) return { state: 'over', words: 'Over the objective' };
  return { state: 'within', words: 'Within the objective' };
}
