import type { EventEmitter } from 'node:events';

/** The one thing of the driver's insides that is needed; where it has moved, nothing happens. */
interface Inside {
  readonly topology?: { readonly s: { readonly servers: ReadonlyMap<string, { readonly pool?: Pool }> } };
}

interface Pool {
  options: { readonly minPoolSize: number; readonly minPoolSizeCheckFrequencyMS: number };
}

const lookMs = 10_000;

/**
 * The driver (mongodb 7.5) looks into each pool ten times a second, for connections that it lacks or has too long, and no
 * option of a client changes that: a third of what an idle service does. A pool that is not to be kept filled needs no such
 * haste, for a stale connection is also found when it is taken.
 */
export function leaveIdlePoolsAlone(client: EventEmitter): void {
  const leaveAlone = ({ pool }: { readonly pool?: Pool }) => {
    if (pool?.options.minPoolSize === 0) pool.options = { ...pool.options, minPoolSizeCheckFrequencyMS: lookMs };
  };
  const servers = () => (client as Inside).topology?.s.servers ?? new Map<string, never>();
  for (const server of servers().values()) leaveAlone(server);
  client.on('connectionPoolReady', ({ address }: { address: string }) => leaveAlone(servers().get(address) ?? {}));
}
