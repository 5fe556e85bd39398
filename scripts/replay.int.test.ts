import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newHistory } from '../services/lag-controller/src/law/history.ts';
import { observe } from '../services/lag-controller/src/law/observe.ts';
import { policyOf } from '../services/lag-controller/src/law/policy.ts';
import { decide } from '../services/lag-controller/src/law/scaling.ts';
import type { DecisionRecord } from '../services/lag-controller/src/reporting/record.ts';
import { run } from './embedded/run.ts';

const policy = policyOf({ lagSeconds: 10, startFrom: 'earliest' });

function recordAt(nowMs: number): DecisionRecord {
  const before = newHistory();
  const observation = {
    atMs: nowMs,
    partitions: [{ partition: 0, high: 9, low: 0, committed: 4 }],
    target: { desired: 1, current: 1, ready: 1, rollingOut: false },
  };
  const decision = decide(observe(before, observation, policy), policy, nowMs);
  return { scaler: 'payments', before, observation, policy, nowMs, decision };
}

describe('npm run replay', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'replay-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const replay = (...args: string[]) =>
    run(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'replay.ts'),
      ...args.map((name) => join(folder, name)),
    ]);
  const replayOf = async (...lines: readonly (DecisionRecord | string)[]) => {
    const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    await writeFile(join(folder, 'decisions.jsonl'), texts.map((text) => `${text}\n`).join(''));
    return await replay('decisions.jsonl');
  };

  it('is content with what the law still says', async () => {
    expect(await replayOf(recordAt(1_000), recordAt(2_000))).toEqual({
      code: 0,
      output: '2 of 2 decisions are the same.\n',
    });
  });

  it('fails where a decision comes out otherwise, and says what of it', async () => {
    const { decision, ...rest } = recordAt(2_000);
    const changed = { ...rest, decision: { ...decision, replicas: 7 } };
    const { code, output } = await replayOf(recordAt(1_000), changed, recordAt(3_000));
    expect(code).toBe(1);
    expect(output).toBe(
      '2 of 3 decisions are the same.\nLine 2, payments at 1970-01-01T00:00:02.000Z: replicas was 7 and is 1 now\n',
    );
  });

  it('sees a change of the smallest term, and one that was left out', async () => {
    const { decision, ...rest } = recordAt(1_000);
    const { backlog: _, ...terms } = decision.terms;
    for (const altered of [{ ...decision.terms, backlog: 6 }, terms])
      expect(
        (await replayOf({ ...rest, decision: { ...decision, terms: altered as typeof decision.terms } })).code,
      ).toBe(1);
  });

  it.each([
    ['nothing', [], /^0 of 0 decisions/],
    ['an empty line', [''], /Line 1.*no record/],
    ['half a record', [JSON.stringify(recordAt(1_000)), '{"scaler":"pay'], /line 2.*no record/i],
    ['JSON of another kind', ['{"level":30}'], /line 1.*no record/i],
  ])('fails in a sentence on a file that holds %s', async (_, lines, sentence) => {
    const { code, output } = await replayOf(...lines);
    expect(code).toBe(1);
    expect(output).toMatch(sentence);
    expect(output).not.toContain('    at ');
  });

  it('fails in a sentence without a file, or with one that is not there', async () => {
    expect(await replay()).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^One FILE is wanted: npm run replay -- FILE/),
    });
    const { code, output } = await replay('nowhere.jsonl');
    expect(code).toBe(1);
    expect(output).toMatch(/^[^\n]*nowhere\.jsonl[^\n]*\n$/);
  });
});
