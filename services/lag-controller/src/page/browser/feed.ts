import type { Timeline, TimelinePoint } from '../../reporting/timeline.ts';

const retryMs = 2_000;

interface FeedListeners {
  /** The stream is open, for the first time or again: what was missed is to be fetched. */
  readonly opened: () => void;
  readonly point: (scaler: string, point: TimelinePoint) => void;
  readonly lost: () => void;
}

/** Follows `/v1/events` for as long as the page is open. */
export function follow(on: FeedListeners): void {
  const events = new EventSource('/v1/events');
  events.addEventListener('open', on.opened);
  events.addEventListener('message', ({ data }) => {
    const { scaler, point } = JSON.parse(data) as { scaler: string; point: TimelinePoint };
    on.point(scaler, point);
  });
  events.addEventListener('error', () => {
    on.lost();
    // A browser comes back by itself after a broken connection, but gives up after any answer that is no stream.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => follow(on), retryMs);
  });
}

/** @returns every scaler with its newest point */
export async function fetchScalers(): Promise<readonly Timeline[]> {
  return ((await (await answered('/v1/scalers')).json()) as { items: readonly Timeline[] }).items;
}

export interface Fetched {
  readonly timeline: Timeline;
  /** The controller's clock minus ours, to a second: ages are by its clock. */
  readonly aheadMs: number;
}

export async function fetchHistory(scaler: string): Promise<Fetched> {
  const response = await answered(`/v1/scalers/${encodeURIComponent(scaler)}/history`);
  const aheadMs = Date.parse(response.headers.get('date') ?? '') - Date.now();
  return { timeline: (await response.json()) as Timeline, aheadMs: Math.abs(aheadMs) < 1_500 ? 0 : aheadMs || 0 };
}

async function answered(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}
