import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { killRuns, NpmRun } from './npm-run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-chaos-e2e-'));
});
afterAll(async () => {
  await killRuns();
  await rm(folder, { recursive: true, force: true });
});

const chaos = (...flags: string[]) => new NpmRun(['run', '--silent', 'chaos', '--', ...flags], {});

/** Without the steps that it took and the promises that were kept: a few lines, in which a report of the test has room. */
const verdictOf = ({ output }: NpmRun) =>
  output
    .split('\n')
    .filter((line) => !/^[…✓]/.test(line))
    .slice(-20)
    .join('\n');

describe('npm run chaos', () => {
  it('sees every promise kept under kills, restarts and broken links, and a breach in a history where one is made', async () => {
    const size = ['--orders', '150', '--rate', '10', '--kills', '4', '--seed', '7'];
    const run = chaos(...size, '--folder', folder);
    expect([await run.exited, verdictOf(run)]).toEqual([0, expect.stringContaining('Every promise was kept.')]);
    expect(run.output).toMatch(/faults {4}.*\bkill\b/);
    expect(run.output).toContain(`--seed 7`);

    const file = join(folder, 'history.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    const charge = lines.findIndex((line) => line.includes('"kind":"ledger"') && line.includes('"captured"'));
    await writeFile(file, lines.toSpliced(charge, 1).join('\n'));
    const again = chaos('--judge', file);
    expect([await again.exited, verdictOf(again)]).toEqual([
      1,
      expect.stringContaining('1 of 16 promises were BROKEN.'),
    ]);
  }, 240_000);

  it('sees every promise kept while leaders move between three brokers', async () => {
    const size = ['--brokers', '3', '--orders', '100', '--rate', '10', '--kills', '3', '--seed', '7'];
    const run = chaos(...size, '--faults', 'kill,broker,leader');
    expect([await run.exited, verdictOf(run)]).toEqual([0, expect.stringContaining('Every promise was kept.')]);
    expect(run.output).toMatch(/faults {4}.*\bbroker-freeze\b/);
    expect(run.output).toMatch(/leaders {3}changed [1-9]\d* times/);
  }, 240_000);

  it('tells what a flag takes', async () => {
    const run = chaos('--faults', 'flood');
    expect(await run.exited).toBe(1);
    expect(run.lastLine).toBe(
      '--faults takes kill, freeze, scale, broker, database, network, queue, leader, and not flood.',
    );
  });
});
