import { framedDialogue } from './framed-dialogue.ts';
import type { Dialogue } from './passage.ts';

const opMsg = 2013;
const bsonString = 2;

/**
 * `insert orders` of a command whose first element is `insert: 'orders'`, as every command of the wire protocol has its
 * name first; `other` for what is no OP_MSG.
 */
function operationOf(frame: Buffer): string {
  // Header of 16 bytes, flags of 4, the section's kind of 1, the document's length of 4, then the first element.
  const at = 25;
  if (frame.length < at + 2 || frame.readInt32LE(12) !== opMsg || frame[20] !== 0) return 'other';
  const end = frame.indexOf(0, at + 1);
  const name = frame.toString('latin1', at + 1, end);
  if (frame[at] !== bsonString) return name;
  const length = frame.readInt32LE(end + 1);
  return `${name} ${frame.toString('utf8', end + 5, end + 4 + length)}`;
}

export function mongoDialogue(): Dialogue {
  return framedDialogue({
    sizeOf: (head) => head.readInt32LE(0),
    operationOf,
    idOf: (request) => request.readInt32LE(4),
    answeredBy: (answer) => answer.readInt32LE(8),
  });
}
