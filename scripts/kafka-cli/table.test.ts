import { describe, expect, it } from '@jest/globals';
import { count, table } from './table.ts';

describe('table', () => {
  it('aligns words to the left and numbers to the right, none among them', () => {
    const rows = [
      ['a', 5n, 'x'],
      ['long', 'none', ''],
      ['b', 12345n, 'y'],
    ];
    expect(table(['NAME', 'LAG', 'END'], rows).split('\n')).toEqual([
      'NAME    LAG  END',
      'a         5  x',
      'long   none',
      'b     12345  y',
    ]);
  });
});

describe('count', () => {
  it('knows one from many', () => {
    expect([count(1, 'message'), count(0n, 'message'), count(2, 'message')]).toEqual([
      '1 message',
      '0 messages',
      '2 messages',
    ]);
  });
});
