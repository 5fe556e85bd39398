import { formatDuration } from './wording.ts';

/** What is known of the stream, and of the data's age, by one clock. */
export interface Feed {
  readonly connection: 'connecting' | 'open' | 'lost';
  /** When it was lost; absent while it is not. */
  readonly lostSince?: string | undefined;
  readonly newestAtMs: number | undefined;
  /** How often a point usually comes, in ms. */
  readonly intervalMs: number;
}

export interface Liveness {
  readonly state: 'connecting' | 'live' | 'stale' | 'lost';
  readonly words: string;
}

const leastStaleMs = 10_000;

/** An open stream that brings nothing is not live: data older than three intervals (at least 10 s) is said to be old. */
export function livenessOf({ connection, lostSince, newestAtMs, intervalMs }: Feed, nowMs: number): Liveness {
  const ageMs = newestAtMs === undefined ? undefined : Math.max(0, nowMs - newestAtMs);
  const old = ageMs === undefined ? 'no data yet' : `data ${formatDuration(Math.round(ageMs / 1_000))} old`;
  if (connection === 'lost') return { state: 'lost', words: `connection lost since ${lostSince}, ${old}` };
  if (connection === 'connecting') return { state: 'connecting', words: `connecting, ${old}` };
  if (ageMs === undefined || ageMs > Math.max(leastStaleMs, 3 * intervalMs)) return { state: 'stale', words: old };
  return { state: 'live', words: 'live' };
}
