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

/** The broker tells clients where it is: they are told the link's address instead, or they would go around it. */
function readdressed(frame: Buffer, from: Address, to: Address): Buffer {
  const pattern = (port: number) => {
    const bytes = Buffer.alloc(from.host.length + 4);
    bytes.write(from.host, 'latin1');
    bytes.writeInt32BE(port, from.host.length);
    return bytes;
  };
  const changed = Buffer.from(frame);
  const [old, fresh] = [pattern(from.port), pattern(to.port)];
  for (let at = changed.indexOf(old); at >= 0; at = changed.indexOf(old, at + 1)) fresh.copy(changed, at);
  return changed;
}

/** @param link where clients shall think that the broker is; its host must be the broker's own */
export function kafkaDialogue(broker: Address, link: () => Address): Dialogue {
  return framedDialogue({
    sizeOf: (head) => head.readInt32BE(0) + 4,
    operationOf: (request) => names[request.readInt16BE(4)] ?? `request ${request.readInt16BE(4)}`,
    idOf: (request) => request.readInt32BE(8),
    answeredBy: (answer) => answer.readInt32BE(4),
    rewrite: (operation, answer) => (addressed.has(operation) ? readdressed(answer, broker, link()) : answer),
  });
}
