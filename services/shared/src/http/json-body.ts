import express, { type RequestHandler } from 'express';
import { DomainError } from '../errors.ts';

const maxDepth = 32;

const [quote, backslash] = [0x22, 0x5c];
/** `[` and `{` lead in, `]` and `}` lead out. */
const steps = new Map([
  [0x5b, 1],
  [0x7b, 1],
  [0x5d, -1],
  [0x7d, -1],
]);

function endOfString(text: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === backslash ? 2 : 1;
  return at;
}

/** How deep arrays and objects are nested in JSON; of other text, some number. One pass, whatever stands there. */
export function depthOf(text: Uint8Array): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] as number;
    if (byte === quote) at = endOfString(text, at);
    else depth += steps.get(byte) ?? 0;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Reads a JSON body of at most 64 kB, and before it is parsed looks whether it is nested too deep for what walks it. */
export function jsonBody(): RequestHandler {
  return express.json({
    limit: '64kb',
    strict: true,
    verify(_request, _response, body) {
      if (depthOf(body) > maxDepth)
        throw new DomainError('invalid', {
          code: 'body-too-deep',
          detail: `Arrays and objects are nested deeper than ${maxDepth}.`,
        });
    },
  });
}
