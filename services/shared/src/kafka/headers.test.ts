import { describe, expect, it } from '@jest/globals';
import { fetchedHeaders } from './headers.ts';
import type { RawHeaders } from './records.ts';

describe('the headers of a fetched message', () => {
  it('are those that were sent, also under names that every object has', () => {
    const [first, second] = [Buffer.from('1'), Buffer.from('2')];
    const decoded = {
      ...{ plain: first, twice: [first, second], empty: null },
      constructor: [Object, first],
      toString: [Object.prototype.toString, first, second],
      ['__proto__']: [Object.prototype, first],
    } as unknown as RawHeaders;
    expect(Object.entries(fetchedHeaders(decoded))).toEqual([
      ...[
        ['plain', first],
        ['twice', [first, second]],
        ['empty', null],
      ],
      ...[
        ['constructor', [first]],
        ['toString', [first, second]],
        ['__proto__', [first]],
      ],
    ]);
  });
});
