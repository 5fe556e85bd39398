import { describe, expect, it } from '@jest/globals';
import { Cursor, type StoredRecord } from './topic-reader.ts';

const { signal } = new AbortController();

function cursorOver(end: bigint | undefined, most = 100) {
  const seen: bigint[] = [];
  const onRecord = ({ offset }: StoredRecord) => seen.push(offset) < most;
  const to = end === undefined ? undefined : new Map([[0, end]]);
  const cursor = new Cursor({ topic: 't', from: new Map([[0, 2n]]), to, onRecord, signal });
  const take = (from: bigint, ...offsets: bigint[]) =>
    cursor.take({
      partition: 0,
      from,
      next: (offsets.at(-1) ?? from) + 1n,
      records: offsets.map((offset) => ({ offset, key: null, value: null, headers: {}, timestamp: new Date(0) })),
    });
  return { cursor, seen, take };
}

describe('Cursor', () => {
  it('takes only what follows on, so that nothing is seen twice or left out', () => {
    const { seen, take, cursor } = cursorOver(undefined);
    expect([take(0n, 0n, 1n), take(2n, 2n, 3n), take(2n, 2n, 3n), take(6n, 6n)]).toEqual([false, true, false, false]);
    expect({ seen, next: cursor.position(0) }).toEqual({ seen: [2n, 3n], next: 4n });
  });

  it('believes a jump ahead that comes twice: what was in between is deleted', () => {
    const { seen, take } = cursorOver(undefined);
    expect([take(6n, 6n), take(6n, 6n)]).toEqual([false, true]);
    expect(seen).toEqual([6n]);
  });

  it('is done at the end that it was given, and leaves out what came later', () => {
    const { seen, take, cursor } = cursorOver(4n);
    expect(cursor.isDone).toBe(false);
    take(2n, 2n, 3n, 4n, 5n);
    expect({ seen, isDone: cursor.isDone }).toEqual({ seen: [2n, 3n], isDone: true });
  });

  it('is done when enough was seen', () => {
    const { seen, take, cursor } = cursorOver(undefined, 1);
    take(2n, 2n, 3n);
    expect({ seen, isDone: cursor.isDone }).toEqual({ seen: [2n], isDone: true });
  });
});
