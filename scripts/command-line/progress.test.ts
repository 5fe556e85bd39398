import { describe, expect, it, jest } from '@jest/globals';
import { Progress } from './progress.ts';

function screen(isTTY: boolean) {
  let text = '';
  return { isTTY, columns: 30, write: (more: string) => (text += more), read: () => text };
}

describe('Progress', () => {
  it('writes plain lines where there is no terminal', async () => {
    const out = screen(false);
    let nowMs = 0;
    const progress = new Progress(out, () => nowMs);
    await progress.step(
      'Kafka',
      async ({ note }) => {
        note('downloading');
        nowMs = 1_500;
      },
      () => 'Kafka at localhost:9092',
    );
    expect(out.read()).toBe('… Kafka\n… Kafka: downloading\n✓ Kafka at localhost:9092  1.5 s\n');
  });

  it('reminds of a long step every five seconds, and forgets what was noted before', async () => {
    jest.useFakeTimers();
    const out = screen(false);
    const progress = new Progress(out, () => Date.now());
    const gate = Promise.withResolvers<void>();
    const done = progress.step('Kafka', ({ note }) => {
      note('downloading');
      return gate.promise;
    });
    jest.advanceTimersByTime(11_000);
    gate.resolve();
    await done;
    jest.useRealTimers();
    expect(out.read()).toBe('… Kafka\n… Kafka: downloading\n… Kafka  5.0 s\n… Kafka  10 s\n✓ Kafka  11 s\n');
  });

  it('redraws the steps in hand on a terminal, cut to its width, below the lines that stay', async () => {
    const out = screen(true);
    const progress = new Progress(out, () => 0);
    const gate = Promise.withResolvers<void>();
    const done = progress.step('A title that is far too long for this', () => gate.promise);
    progress.say('news');
    gate.resolve();
    await done;
    const lines = out.read().split('\n');
    expect(lines[0]).toBe('⠋ A title that is far too lon');
    expect(lines[1]).toBe('\u001b[1A\u001b[0Jnews');
    expect(lines[2]).toBe('⠋ A title that is far too lon');
    expect(lines.at(-2)).toContain('A title that is far too long for this');
  });

  it('marks what failed and lets the error through', async () => {
    const out = screen(false);
    const failing = new Progress(out, () => 0).step('Topics', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(out.read()).toBe('… Topics\n✗ Topics  0.0 s\n');
  });
});
