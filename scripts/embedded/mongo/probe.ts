import { askOnce } from '../ask-once.ts';

const opMsg = 2013;

/** True when something on 127.0.0.1:port answers the `ping` command of MongoDB's wire protocol. */
export function mongoIsReady(port: number): Promise<boolean> {
  return askOnce(port, ping(), (received) => {
    const isComplete = received.length >= 16 && received.length >= received.readInt32LE(0);
    return isComplete ? received.readInt32LE(12) === opMsg : undefined;
  });
}

/** OP_MSG: length, request id, response to, op code, flags, one section with `{ ping: 1, $db: 'admin' }` as BSON. */
function ping(): Buffer {
  const fields = Buffer.concat([
    Buffer.from('\x10ping\0'),
    int32(1),
    Buffer.from('\x02$db\0'),
    int32('admin\0'.length),
    Buffer.from('admin\0'),
  ]);
  const document = Buffer.concat([int32(fields.length + 5), fields, Buffer.from([0])]);
  const body = Buffer.concat([int32(1), int32(0), int32(opMsg), int32(0), Buffer.from([0]), document]);
  return Buffer.concat([int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
