import { describe, expect, it } from '@jest/globals';
import { lagOf } from './topic-offsets.ts';

describe('lagOf', () => {
  it.each([
    ['is unknown where nothing is committed', undefined, undefined],
    ['is what is left to read', 15n, 5n],
    ['is 0 at the end', 20n, 0n],
    ['leaves out what was deleted unread', 2n, 10n],
    ['is not negative when the topic was created anew', 99n, 0n],
  ])('%s', (_, committed, lag) => {
    expect(lagOf({ low: 10n, high: 20n, committed })).toBe(lag);
  });
});
