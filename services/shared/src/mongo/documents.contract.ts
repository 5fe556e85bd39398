import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Documents } from './documents.ts';

export interface DocumentsUnderTest<T extends { readonly id: string }> {
  /** An empty store, a new one each time. */
  readonly open: () => Promise<Documents<T>>;
  /** A thing with everything it may have; `id` is 24 hex digits. */
  readonly thingOf: (id: string) => T;
}

/** What every store of documents does, in memory or not. */
export function documentsContract<T extends { readonly id: string }>(
  name: string,
  { open, thingOf }: DocumentsUnderTest<T>,
): void {
  describe(`${name} as documents`, () => {
    const numbered = (number: number) => thingOf(number.toString(16).padStart(24, '0'));
    let store: Documents<T>;

    beforeEach(async () => {
      store = await open();
    });

    const fill = async (numbers: readonly number[]) => {
      for (const number of numbers) await store.insert(numbered(number));
    };

    const idsOf = async (limit: number, after?: string) => {
      const { items, next } = await store.page({ limit, after });
      return { ids: items.map(({ id }) => Number.parseInt(id, 16)), next };
    };

    it('gives back what was inserted, and nothing for an unknown id', async () => {
      await fill([1]);
      expect(await store.find(numbered(1).id)).toEqual(numbered(1));
      expect(await store.find(numbered(2).id)).toBeUndefined();
    });

    it('takes an id once, and anything else again', async () => {
      await fill([1, 2]);
      await expect(store.insert(numbered(1))).rejects.toThrow();
    });

    it('pages from the newest to the oldest, each once', async () => {
      await fill([3, 1, 2, 5, 4]);
      const first = await idsOf(2);
      const second = await idsOf(2, first.next);
      const third = await idsOf(2, second.next);
      expect([first.ids, second.ids, third.ids]).toEqual([[5, 4], [3, 2], [1]]);
      expect(third.next).toBeUndefined();
    });

    it('moves nothing on later pages when something is inserted meanwhile', async () => {
      await fill([1, 2, 3]);
      const { next } = await idsOf(2);
      await fill([4]);
      expect(await idsOf(2, next)).toEqual({ ids: [1], next: undefined });
    });

    it('has no further page when the last one is full, and an empty one when there is nothing', async () => {
      expect(await idsOf(2)).toEqual({ ids: [], next: undefined });
      await fill([1, 2]);
      expect(await idsOf(2)).toEqual({ ids: [2, 1], next: undefined });
    });
  });
}
