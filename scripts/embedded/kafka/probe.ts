import { askOnce } from '../ask-once.ts';

const metadataKey = 3;
const metadataVersion = 4;

/**
 * True when the broker at 127.0.0.1:port answers a Metadata request and lists itself on that port under a live
 * controller. An open port is not enough: Kafka accepts connections before the broker is registered and unfenced.
 */
export function brokerIsReady(port: number): Promise<boolean> {
  return askOnce(port, metadataRequest(), (received) => {
    const isComplete = received.length >= 4 && received.length >= 4 + received.readInt32BE(0);
    return isComplete ? listsItself(received.subarray(4), port) : undefined;
  });
}

/** Metadata v4 for no topics: key, version, correlation id, null client id, empty array, no auto-creation. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(4 + 15);
  request.writeInt32BE(15, 0);
  request.writeInt16BE(metadataKey, 4);
  request.writeInt16BE(metadataVersion, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  return request;
}

/** Reads a Metadata v4 response: correlation id, throttle, brokers [id, host, port, rack], cluster id, controller id. */
function listsItself(response: Buffer, port: number): boolean {
  let at = 8;
  const int32 = () => {
    at += 4;
    return response.readInt32BE(at - 4);
  };
  const skipString = () => {
    at += 2 + Math.max(0, response.readInt16BE(at));
  };
  const brokers = int32();
  let found = false;
  for (let i = 0; i < brokers; i += 1) {
    int32();
    skipString();
    found = int32() === port || found;
    skipString();
  }
  skipString();
  return found && int32() >= 0;
}
