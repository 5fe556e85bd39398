import { describe, expect, it } from '@jest/globals';
import { numberFlag, parseFlags, parseFlagsAndWords } from './arguments.ts';

const usage = {
  command: 'npm start',
  options: { once: { type: 'boolean' }, rate: { type: 'string' } },
} as const;

describe('parseFlags', () => {
  it('reads flags with and without values', () => {
    expect(parseFlags(['--once', '--rate', '5'], usage)).toEqual({ once: true, rate: '5' });
  });

  it.each([
    [['--twice'], /^Unknown option '--twice': .*--help/],
    [['now'], /^Unexpected argument 'now': .*--help/],
    [['--rate'], /'--rate <value>' argument missing/],
    [['--once=yes'], /'--once' does not take an argument/],
  ])('refuses %j with one sentence', (args, sentence) => {
    expect(() => parseFlags(args, usage)).toThrow(sentence);
    expect(() => parseFlags(args, usage)).toThrow(/^[^\n]*\.$/);
  });
});

describe('parseFlagsAndWords', () => {
  it('takes words wherever they stand', () => {
    const parsed = parseFlagsAndWords(['a', '--rate', '5', 'b', '--once', 'c'], usage);
    expect(parsed).toEqual({ flags: { once: true, rate: '5' }, words: ['a', 'b', 'c'] });
  });

  it('refuses a flag that is unknown', () => {
    expect(() => parseFlagsAndWords(['a', '--twice'], usage)).toThrow(/^Unknown option '--twice': .*--help.*\.$/);
  });
});

describe('numberFlag', () => {
  const range = { fallback: 7, min: 0.1, max: 100, whole: false };

  it('falls back where the flag was not given', () => {
    expect(numberFlag('rate', undefined, range)).toBe(7);
  });

  it('reads decimals only where they are allowed', () => {
    expect(numberFlag('rate', '0.5', range)).toBe(0.5);
    expect(() => numberFlag('orders', '0.5', { ...range, whole: true })).toThrow('--orders must be a whole number');
  });

  it.each(['0', '101', '-1', '', 'many', '1e1', 'Infinity'])('refuses %j, naming the range', (raw) => {
    expect(() => numberFlag('rate', raw, range)).toThrow('--rate must be a number from 0.1 to 100');
  });
});
