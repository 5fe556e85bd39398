import { framedDialogue } from './framed-dialogue.ts';
import type { Dialogue } from './passage.ts';

/** Of https://kafka.apache.org/protocol#protocol_api_keys, those that are looked at. */
const names: Readonly<Record<number, string>> = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
};
const addressed = new Set(['Metadata', 'FindCoordinator']);

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A broker, and where clients shall think that it is: on the same host. */
export interface Route {
  readonly broker: Address;
  readonly link: () => Address;
}

function written({ host, port }: Address): Buffer {
  const bytes = Buffer.alloc(host.length + 4);
  bytes.write(host, 'latin1');
  bytes.writeInt32BE(port, host.length);
  return bytes;
}

/** Brokers tell clients where each of them is: they are told the links' addresses instead, or they would go around them. */
function readdressed(frame: Buffer, routes: readonly Route[]): Buffer {
  const changed = Buffer.from(frame);
  for (const { broker, link } of routes) {
    const [old, fresh] = [written(broker), written(link())];
    for (let at = changed.indexOf(old); at >= 0; at = changed.indexOf(old, at + 1)) fresh.copy(changed, at);
  }
  return changed;
}

/** @param routes of every broker of the cluster, whichever of them is spoken to */
export function kafkaDialogue(routes: readonly Route[]): Dialogue {
  return framedDialogue({
    sizeOf: (head) => head.readInt32BE(0) + 4,
    operationOf: (request) => names[request.readInt16BE(4)] ?? `request ${request.readInt16BE(4)}`,
    idOf: (request) => request.readInt32BE(8),
    answeredBy: (answer) => answer.readInt32BE(4),
    rewrite: (operation, answer) => (addressed.has(operation) ? readdressed(answer, routes) : answer),
  });
}
