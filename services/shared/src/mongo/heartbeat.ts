import type { EventEmitter } from 'node:events';

/** The one thing of the driver's insides that is needed; where it has moved, nothing happens. */
interface Inside {
  readonly topology?: {
    readonly s: {
      readonly servers: ReadonlyMap<
        string,
        {
          readonly monitor?: {
            readonly connection?: { readonly socket: EventEmitter & { readonly destroyed: boolean } } | null;
          };
        }
      >;
    };
  };
}

interface Heartbeat {
  /** The address of the server. */
  readonly connectionId: string;
}

/**
 * Frees the driver's monitor where it hangs, for without it a server is never found again after an outage.
 *
 * It hangs when the other side closes at the wrong moment (mongodb 7.5, `Connection.writeCommand`): a write into a socket
 * that is destroyed, but has not said so yet, answers «wait for drain», and neither `drain` nor `error` follows. The
 * driver's own timeout sits on that same dead socket. So a heartbeat that has lasted for `patienceMs`, on a socket that is
 * destroyed, is told the error that it waits for. `patienceMs` is more than a heartbeat on a living socket may take.
 *
 * @returns stops watching
 */
export function freeHangingHeartbeats(client: EventEmitter, patienceMs: number): () => void {
  const underWay = new Map<string, NodeJS.Timeout>();
  const ended = ({ connectionId }: Heartbeat) => {
    clearInterval(underWay.get(connectionId));
    underWay.delete(connectionId);
  };
  const free = (address: string) => {
    const socket = (client as Inside).topology?.s.servers.get(address)?.monitor?.connection?.socket;
    if (socket?.destroyed && socket.listenerCount('error') > 0)
      socket.emit('error', new Error('the connection was closed'));
  };
  const started = (heartbeat: Heartbeat) => {
    ended(heartbeat);
    const { connectionId } = heartbeat;
    underWay.set(connectionId, setInterval(() => free(connectionId), patienceMs).unref());
  };
  const listeners = [
    ['serverHeartbeatStarted', started],
    ['serverHeartbeatSucceeded', ended],
    ['serverHeartbeatFailed', ended],
    ['serverClosed', ({ address }: { address: string }) => ended({ connectionId: address })],
  ] as const;
  for (const [event, listener] of listeners) client.on(event, listener);
  return () => {
    for (const [event, listener] of listeners) client.off(event, listener);
    for (const timer of underWay.values()) clearInterval(timer);
  };
}
