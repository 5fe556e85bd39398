import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutPage, encodeCursor, pageAnswer, pageQuery } from './keyset.ts';

const id = fc.stringMatching(/^[0-9a-f]{24}$/);

describe('keyset pages', () => {
  it('give back the id that a cursor was made from', () => {
    fc.assert(
      fc.property(id, (value) => {
        expect(pageQuery.parse({ after: encodeCursor(value) })).toEqual({ limit: 20, after: value });
      }),
    );
  });

  it('take a limit from 1 to 100, and refuse what is not a cursor or not a parameter', () => {
    expect(pageQuery.parse({ limit: '7' })).toEqual({ limit: 7 });
    for (const query of [{ limit: '0' }, { limit: '101' }, { limit: '1.5' }, { limit: 'x' }, { limit: ['1', '2'] }])
      expect(pageQuery.safeParse(query).success).toBe(false);
    for (const query of [{ after: '' }, { after: 'a'.repeat(24) }, { after: '../../../../../..' }, { lmit: '1' }])
      expect(pageQuery.safeParse(query).success).toBe(false);
  });

  it('have a next page only when more was found than asked', () => {
    const found = ['c', 'b', 'a'].map((value) => ({ id: value }));
    expect(cutPage(found, 2)).toEqual({ items: [{ id: 'c' }, { id: 'b' }], next: 'b' });
    expect(cutPage(found, 3)).toEqual({ items: found, next: undefined });
    expect(cutPage([], 3)).toEqual({ items: [], next: undefined });
  });

  it('answer with a link that repeats the limit and the filters', () => {
    const next = '507f1f77bcf86cd799439011';
    const list = { path: '/v1/things', view: String, limit: 1 };
    expect(pageAnswer({ ...list, page: { items: [1], next }, filters: { state: 'a&b' } })).toEqual({
      status: 200,
      body: { items: ['1'], next: encodeCursor(next) },
      headers: { link: `</v1/things?state=a%26b&limit=1&after=${encodeCursor(next)}>; rel="next"` },
    });
    expect(pageAnswer({ ...list, page: { items: [], next: undefined } })).toEqual({
      status: 200,
      body: { items: [], next: null },
    });
  });
});
