import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { depthOf } from './json-body.ts';

const depth = (text: string) => depthOf(Buffer.from(text));

function depthOfValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOfValue));
}

describe('the depth of JSON', () => {
  it('is that of the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(depth(JSON.stringify(value, undefined, 1))).toBe(depthOfValue(value));
      }),
    );
  });

  it('is not raised by brackets in strings, escaped quotes before them or not', () => {
    expect(depth(JSON.stringify([']]]["{{{', '\\"[[[', '\\'])) + depth('{"[[[":"{\\\\"}')).toBe(2);
  });

  it('is found in one pass where a string never ends', () => {
    expect(depth(`[${'"\\'.repeat(30_000)}`)).toBe(1);
    expect(depth('"\\')).toBe(0);
  });
});
