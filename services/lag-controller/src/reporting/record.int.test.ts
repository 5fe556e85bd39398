import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '@shop/shared/log';
import { newHistory } from '../law/history.ts';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { type DecisionRecord, recordTo } from './record.ts';

const lines: string[] = [];
const log = createLog('test', { logLevel: 'warn' }, { write: (line: string) => lines.push(line) });

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
    recordTo(file, 1e6, log)(recordAt(1));
    const record = recordTo(file, 1e6, log);
    record(recordAt(2));
    record(recordAt(3));
    expect(await timesIn(file)).toEqual([1, 2, 3]);
    expect(JSON.parse((await readFile(file, 'utf8')).split('\n')[0] ?? '')).toEqual(
      JSON.parse(JSON.stringify(recordAt(1))),
    );
  });

  it('becomes the one before when it is full, so that there are never more than two', async () => {
    const lineBytes = JSON.stringify(recordAt(1)).length + 1;
    const record = recordTo(file, 2 * lineBytes, log);
    for (const nowMs of [1, 2, 3, 4, 5]) record(recordAt(nowMs));
    expect(await timesIn(file)).toEqual([5]);
    expect(await timesIn(`${file}.1`)).toEqual([3, 4]);
  });

  it('stands in the way of no decision where it cannot be written, and says so once', async () => {
    const record = recordTo(file, 1e6, log);
    await mkdir(file);
    record(recordAt(1));
    record(recordAt(2));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', file, err: { code: 'EISDIR' } }]);
    await rmdir(file);
    record(recordAt(3));
    expect(await timesIn(file)).toEqual([3]);
  });
});
