/** Where a group would go on reading, and what that means for the messages in between. */
import type { PartitionOffsets } from '../../services/shared/src/kafka/admin.ts';
import { SetupError } from '../embedded/setup-error.ts';

export type Target = 'earliest' | 'latest' | { readonly offset: bigint } | { readonly time: Date };

export interface Move {
  readonly partition: number;
  /** `undefined` where nothing is committed yet. */
  readonly from: bigint | undefined;
  readonly to: bigint;
  /** For a person: `5 read again`, `3 skipped`, … */
  readonly effect: string;
}

/** @throws SetupError for what is none of the four */
export function parseTarget(text: string): Target {
  if (text === 'earliest' || text === 'latest') return text;
  if (/^\d{1,18}$/.test(text)) return { offset: BigInt(text) };
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text) && !Number.isNaN(time.getTime()))
    return { time };
  throw new SetupError(
    `--to must be earliest, latest, an offset or a time like 2026-01-31T12:00:00Z, but is ${JSON.stringify(text)}.`,
  );
}

/** One move per partition. `offsetsAt` is asked for where the target is a time: the first offset written then or later. */
export function planMoves(
  offsets: readonly PartitionOffsets[],
  target: Target,
  offsetsAt: ReadonlyMap<number, bigint>,
): Move[] {
  return offsets.map((offset) => {
    const wanted = wantedOffset(offset, target, offsetsAt);
    const to = within(wanted, offset);
    const kept = to === wanted ? '' : ` (${wanted} is not kept: ${offset.low} to ${offset.high} are)`;
    return { partition: offset.partition, from: offset.committed, to, effect: `${effectOf(offset, to)}${kept}` };
  });
}

function within(wanted: bigint, { low, high }: PartitionOffsets): bigint {
  if (wanted < low) return low;
  return wanted < high ? wanted : high;
}

function wantedOffset({ partition, low, high }: PartitionOffsets, target: Target, at: ReadonlyMap<number, bigint>) {
  if (target === 'earliest') return low;
  if (target === 'latest') return high;
  return 'offset' in target ? target.offset : (at.get(partition) ?? high);
}

function effectOf({ low, high, committed }: PartitionOffsets, to: bigint): string {
  if (committed === undefined) return `${high - to} to be read, ${to - low} passed over`;
  const next = committed < low ? low : committed;
  if (to < next) return `${next - to} read again`;
  return to > next ? `${to - next} skipped` : 'stays';
}
