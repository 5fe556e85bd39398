import { Frames } from './frames.ts';
import type { Dialogue } from './passage.ts';

/** A protocol whose messages begin with their length, and whose answers name the request they answer. */
interface Protocol {
  readonly sizeOf: (head: Buffer) => number;
  readonly operationOf: (request: Buffer) => string;
  readonly idOf: (request: Buffer) => number;
  /** The id of the request that is answered. */
  readonly answeredBy: (answer: Buffer) => number;
  /** What is handed on in the place of an answer; the answer itself if not given. */
  readonly rewrite?: (operation: string, answer: Buffer) => Buffer;
}

/** Requests are recognised by their operation, answers by the request they answer. */
export function framedDialogue({
  sizeOf,
  operationOf,
  idOf,
  answeredBy,
  rewrite = (_, answer) => answer,
}: Protocol): Dialogue {
  const [near, far] = [new Frames(sizeOf), new Frames(sizeOf)];
  const asked = new Map<number, { operation: string; request: string }>();
  return {
    requests: (chunk) =>
      near.push(chunk).map((bytes) => {
        const operation = operationOf(bytes);
        const request = bytes.toString('latin1');
        asked.set(idOf(bytes), { operation, request });
        return { direction: 'request', operation, request, bytes };
      }),
    answers: (chunk) =>
      far.push(chunk).map((answer) => {
        const id = answeredBy(answer);
        const { operation, request } = asked.get(id) ?? { operation: 'unknown', request: '' };
        asked.delete(id);
        return { direction: 'answer', operation, request, bytes: rewrite(operation, answer) };
      }),
  };
}
