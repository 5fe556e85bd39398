const withSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const withoutSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

/** `14:32:05`, in the reader's zone. */
export const formatTime = (atMs: number): string => withSeconds.format(atMs);

/** Labels of the time axis: with seconds only where a tick is not on a whole minute. */
export const tickFormat = (ticks: readonly number[]): ((atMs: number) => string) =>
  ticks.some((atMs) => atMs % 60_000 !== 0) ? formatTime : (atMs) => withoutSeconds.format(atMs);

/** Local time minus UTC. */
export const zoneOffsetMs = (atMs: number): number => -60_000 * new Date(atMs).getTimezoneOffset();
