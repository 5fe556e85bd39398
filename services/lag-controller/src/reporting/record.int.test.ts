import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newHistory } from '../law/history.ts';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { type DecisionRecord, recordTo } from './record.ts';

describe('the record of decisions', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'record-'));
    file = join(folder, 'not', 'there', 'decisions.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const recordAt = (nowMs: number): DecisionRecord => {
    const { observation, decision } = roundOf('payments', nowMs);
    return { scaler: 'payments', before: newHistory(), observation, policy: scalerOf('').policy, nowMs, decision };
  };
  const timesIn = async (path: string) =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as DecisionRecord).nowMs);

  it('grows by a line for each, in folders that it makes, and goes on after a restart', async () => {
    recordTo(file, 1e6)(recordAt(1));
    const record = recordTo(file, 1e6);
    record(recordAt(2));
    record(recordAt(3));
    expect(await timesIn(file)).toEqual([1, 2, 3]);
    expect(JSON.parse((await readFile(file, 'utf8')).split('\n')[0] ?? '')).toEqual(
      JSON.parse(JSON.stringify(recordAt(1))),
    );
  });

  it('becomes the one before when it is full, so that there are never more than two', async () => {
    const lineBytes = JSON.stringify(recordAt(1)).length + 1;
    const record = recordTo(file, 2 * lineBytes);
    for (const nowMs of [1, 2, 3, 4, 5]) record(recordAt(nowMs));
    expect(await timesIn(file)).toEqual([5]);
    expect(await timesIn(`${file}.1`)).toEqual([3, 4]);
  });
});
