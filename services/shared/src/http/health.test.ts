import { describe, expect, it } from '@jest/globals';
import { onceWell } from './health.ts';

describe('a check that has to hold once', () => {
  it('fails as the check does until it holds, and never again', async () => {
    const answers = [new Error('refused'), undefined, new Error('away')];
    let asked = 0;
    const ready = onceWell(async () => {
      const answer = answers[asked++];
      if (answer) throw answer;
    });
    await expect(ready()).rejects.toThrow('refused');
    await ready();
    await ready();
    expect(asked).toBe(2);
  });
});
