import { beforeEach, describe, expect, it } from '@jest/globals';
import { sharedAnswer } from './shared-answer.ts';

describe('an answer that is shared', () => {
  let nowMs: number;
  let asked: number;
  let answers: PromiseWithResolvers<string>[];
  let ask: () => Promise<string>;

  beforeEach(() => {
    nowMs = 0;
    asked = 0;
    answers = Array.from({ length: 3 }, () => Promise.withResolvers<string>());
    const next = () => answers[asked++]?.promise ?? Promise.reject(new Error('asked too often'));
    ask = sharedAnswer(next, { nowMs: () => nowMs });
  });

  it('is that of one question for all who ask meanwhile, however long it takes', async () => {
    const first = ask();
    nowMs = 5_000;
    const second = ask();
    answers[0]?.resolve('up');
    expect(await Promise.all([first, second])).toEqual(['up', 'up']);
    expect(asked).toBe(1);
  });

  it('is kept for a second from the question, and no longer', async () => {
    answers[0]?.resolve('up');
    answers[1]?.resolve('down');
    await ask();
    nowMs = 999;
    expect(await ask()).toBe('up');
    nowMs = 1_000;
    expect(await ask()).toBe('down');
  });

  it('is a failure where the question failed, and is asked for again after it', async () => {
    answers[0]?.reject(new Error('no answer'));
    answers[1]?.resolve('up');
    await expect(ask()).rejects.toThrow('no answer');
    await expect(ask()).rejects.toThrow('no answer');
    nowMs = 1_000;
    expect(await ask()).toBe('up');
  });
});
