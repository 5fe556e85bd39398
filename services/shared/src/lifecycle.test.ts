import { describe, expect, it } from '@jest/globals';
import { Closer } from './lifecycle.ts';
import { createLog } from './log.ts';

const log = createLog('test', { logLevel: 'silent' });

describe('a closer', () => {
  it('closes in the reverse order of opening, and stops at once what takes in work', async () => {
    const closer = new Closer();
    const seen: string[] = [];
    const step = (name: string) => async () => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
    };
    closer.add('database', step('database'));
    closer.addBegunAtOnce('consumer', step('consumer'));
    closer.add('http', step('http'));
    await closer.close(log);
    expect(seen.slice(0, 2).toSorted()).toEqual(['consumer begins', 'http begins']);
    expect(seen.slice(2, 4).toSorted()).toEqual(['consumer ends', 'http ends']);
    expect(seen.slice(4)).toEqual(['database begins', 'database ends']);
  });

  it('waits in its turn for what it has begun at once, and tells of what failed when all has run', async () => {
    const closer = new Closer();
    const seen: string[] = [];
    const stopped = Promise.withResolvers<void>();
    closer.add('database', () => seen.push('database'));
    closer.addBegunAtOnce('consumer', () => stopped.promise);
    closer.add('http', () => seen.push('http'));
    const closed = closer.close(log);
    await new Promise(setImmediate);
    expect(seen).toEqual(['http']);
    stopped.reject(new Error('no'));
    await expect(closed).rejects.toThrow('not everything could be closed');
    expect(seen).toEqual(['http', 'database']);
  });
});
