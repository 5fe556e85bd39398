import { describe, expect, it } from '@jest/globals';
import { secret, text } from '@shop/shared/env';
import { fileWith, followSecret } from './followed-secret.ts';

const setting = {
  ...secret(text('CODE', undefined, 'opens a door')),
  parse(raw: string) {
    if (!/^\d+$/.test(raw)) throw new Error('digits');
    return Number(raw);
  },
};

/** Follows a file that is what is put into it, and keeps what it is told of failures. */
function following(content: string) {
  const file = { content };
  const failures: string[] = [];
  const onFailure = ({ message }: Error) => void failures.push(message);
  const code = followSecret(setting, { value: 1, file: '/code' }, onFailure, () => file.content) as () => number;
  return { file, failures, code };
}

describe('a secret', () => {
  it('is that of the file, which goes before the variable, as it is now', () => {
    const { file, code } = following('2\n');
    expect(code()).toBe(2);
    file.content = '3';
    expect(code()).toBe(3);
  });

  it('stays as it was while its file cannot be used, which is told once and does not show what is in it', () => {
    const { file, code, failures } = following('2');
    file.content = 'sesame';
    expect([code(), code()]).toEqual([2, 2]);
    expect(failures).toEqual([
      'The configuration has a fault: CODE_FILE must name a file with what can be used: digits',
    ]);
  });

  it('must be in its file at the start', () => {
    expect(() => following('')).toThrow('CODE_FILE must name a file');
  });

  it('is that of the variable where no file is named, and none where neither is', () => {
    expect(followSecret(setting, { value: 1, file: undefined }, () => {})?.()).toBe(1);
    expect(followSecret(setting, { value: undefined, file: undefined }, () => {})).toBeUndefined();
    expect(fileWith(setting)).toMatchObject({ variable: 'CODE_FILE', optional: true });
  });
});
