import { describe, expect, it } from '@jest/globals';
import { awaitReady } from './await-ready.ts';
import type { Condition, Resource } from './condition.ts';

const ready: Condition = { type: 'Ready', status: 'True' };
const starting: Condition = { type: 'NotReady', status: 'True', reason: 'Creating', message: 'Kafka is starting' };
const refused: Condition = { type: 'Ready', status: 'False', reason: 'NotSupported', message: 'Fewer partitions' };

const resource = (name: string, condition: Condition): Resource => ({
  kind: 'KafkaTopic',
  metadata: { name, generation: 1 },
  status: { observedGeneration: 1, conditions: [condition] },
});

/** Waits on a clock of its own; `answers` are what the API server says, second by second, the last one for ever. */
async function waitFor(answers: readonly (readonly Resource[])[], timeoutMs = 60_000) {
  const notes: string[] = [];
  let now = 0;
  let asked = 0;
  await awaitReady({
    list: async () => answers[Math.min(asked++, answers.length - 1)] ?? [],
    note: (text) => notes.push(text),
    nowMs: () => now,
    pause: async (ms) => {
      now += ms;
    },
    timeoutMs,
  });
  return { notes, tookMs: now };
}

describe('waiting for custom resources', () => {
  it('ends when all are ready, and tells meanwhile what it waits for', async () => {
    const { notes, tookMs } = await waitFor([[resource('a', starting)], [resource('a', ready)]]);
    expect(notes).toEqual(['KafkaTopic/a Creating: Kafka is starting']);
    expect(tookMs).toBe(1_000);
  });

  it('fails when time is up, with the words of each that is not ready and none of the others', async () => {
    const waiting = waitFor([[resource('a', starting), resource('b', ready)]]);
    await expect(waiting).rejects.toThrow(
      'These are not ready after 60 s:\n  KafkaTopic/a: Creating: Kafka is starting',
    );
    await expect(waiting).rejects.not.toThrow('KafkaTopic/b');
  });

  it('does not wait for what was refused for good', async () => {
    await expect(waitFor([[resource('a', refused)]])).rejects.toThrow(
      'These were refused or wait for what was:\n  KafkaTopic/a: NotSupported: Fewer partitions',
    );
  });

  it('overlooks a refusal that is taken back when its operator looks anew', async () => {
    const refusals = Array.from({ length: 15 }, () => [resource('a', refused)]);
    const { tookMs } = await waitFor([...refusals, [resource('a', ready)]]);
    expect(tookMs).toBe(15_000);
  });

  it('does not take nothing at all for ready', async () => {
    await expect(waitFor([[]])).rejects.toThrow('nothing was found');
  });
});
