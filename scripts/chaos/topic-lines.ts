import type { EventLine, PositionLine } from './history.ts';
import type { Position, TopicRecord } from './topic-reader.ts';

/** A record of a topic as the history has it; no line for what carries no event. */
export function eventLine({ topic, partition, offset, key, value, headers, appendedAt }: TopicRecord): EventLine[] {
  const kind = topic.endsWith('.dlq') ? 'dead-letter' : 'event';
  if (kind === 'event' && headers.ce_id === undefined) return [];
  return [{ kind, topic, partition, offset: Number(offset), key, value, headers, appendedAt }];
}

export function positionLine({ partition, end, committed }: Position): PositionLine {
  return { kind: 'position', partition, end: Number(end), committed: Number(committed) };
}
