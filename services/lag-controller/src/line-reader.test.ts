import { describe, expect, it } from '@jest/globals';
import { lineReader } from './line-reader.ts';

describe('lines that come in pieces', () => {
  const read = (text: string, pieceBytes: number): string[] => {
    const lines: string[] = [];
    const reader = lineReader((line) => lines.push(line));
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += pieceBytes) reader.add(bytes.subarray(at, at + pieceBytes));
    reader.end();
    return lines;
  };

  it('are the same however the text was cut, in the middle of a character too', () => {
    for (const pieceBytes of [1, 2, 3, 5, 100])
      expect(read('é 1\n\nß 2\nü', pieceBytes)).toEqual(['é 1', '', 'ß 2', 'ü']);
  });

  it('are left out where they are too long, also the last one, and those after them are not', () => {
    const long = 'x'.repeat(100_000);
    for (const pieceBytes of [1_000, 16_384, 1_000_000])
      expect(read(`a\n${long}\nb\n${long}`, pieceBytes)).toEqual(['a', 'b']);
  });
});
