import { describe, expect, it } from '@jest/globals';
import { lastGood } from './last-good.ts';

/** A file that is what is put into it; an Error is thrown. */
function fileOf(content: string | Error) {
  const file = { content };
  const read = () => {
    if (file.content instanceof Error) throw file.content;
    return file.content;
  };
  return { file, read };
}

describe('what is read again and again', () => {
  it('is the newest', () => {
    const { file, read } = fileOf('old');
    const value = lastGood(read, () => {});
    file.content = 'new';
    expect(value()).toBe('new');
  });

  it('stays as it was while it cannot be read, and is new as soon as it can', () => {
    const { file, read } = fileOf('old');
    const value = lastGood(read, () => {});
    file.content = new Error('no such file');
    expect(value()).toBe('old');
    file.content = 'new';
    expect(value()).toBe('new');
  });

  it('tells a failure once, and again when it comes back', () => {
    const { file, read } = fileOf('old');
    const failures: string[] = [];
    const value = lastGood(read, ({ message }) => failures.push(message));
    const fail = () => {
      file.content = new Error('no such file');
      value();
      value();
    };
    fail();
    file.content = 'old';
    value();
    fail();
    expect(failures).toEqual(['no such file', 'no such file']);
  });

  it('must be readable at first', () => {
    const { read } = fileOf(new Error('no such file'));
    expect(() => lastGood(read, () => {})).toThrow('no such file');
  });
});
