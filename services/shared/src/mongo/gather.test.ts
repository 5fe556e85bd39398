import { describe, expect, it } from '@jest/globals';
import { gather, type Outcomes } from './gather.ts';

/** A `work` whose calls the test ends by hand. */
function open({ maxItems = 10, maxCalls = 1 } = {}) {
  const calls: { items: readonly string[]; end: (outcomes: Outcomes) => void; fail: (error: Error) => void }[] = [];
  const add = gather<string>({
    work: (items) =>
      new Promise((end, fail) => {
        calls.push({ items, end, fail });
      }),
    maxItems,
    maxCalls,
  });
  return { calls, add, items: () => calls.map((call) => call.items) };
}

describe('gather', () => {
  it('serves who comes first at once, and those who come meanwhile together', async () => {
    const { calls, add, items } = open();
    const first = add('a');
    const others = [add('b'), add('c')];
    expect(items()).toEqual([['a']]);
    calls[0]?.end([]);
    await first;
    expect(items()).toEqual([['a'], ['b', 'c']]);
    calls[1]?.end([]);
    await Promise.all(others);
    const last = add('d');
    calls[2]?.end([]);
    await last;
    expect(items()).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('gives each caller its own outcome', async () => {
    const { calls, add } = open();
    const first = add('a');
    const others = Promise.allSettled([add('b'), add('c'), add('d')]);
    calls[0]?.end([]);
    await first;
    calls[1]?.end([undefined, new Error('c is refused')]);
    expect(await others).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: new Error('c is refused') },
      { status: 'fulfilled', value: undefined },
    ]);
  });

  it('fails all of a call that failed, and goes on with those behind it', async () => {
    const { calls, add } = open({ maxItems: 2 });
    const first = add('a');
    const [both, behind] = [Promise.allSettled([add('b'), add('c')]), add('d')];
    calls[0]?.end([]);
    await first;
    calls[1]?.fail(new Error('away'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    calls[2]?.end([]);
    await expect(behind).resolves.toBeUndefined();
  });

  it('has at most so many calls under way', () => {
    const { add, items } = open({ maxCalls: 2 });
    for (const item of ['a', 'b', 'c']) void add(item);
    expect(items()).toEqual([['a'], ['b']]);
  });
});
