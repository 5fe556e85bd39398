import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JestReport, type Tally, tallyJest } from './test-tally.ts';

const root = join(import.meta.dirname, '../..');
let current: ChildProcess | undefined;
let isStopping = false;

/** The exit code of a program that shares our terminal; `null` if a signal ended it. */
export function runHere(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    current = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    current.once('error', reject);
    current.once('exit', resolve);
  });
}

/** A signal to this process ends the program that runs, and then this one, with status 1. */
export function endWithSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      current?.kill(signal);
      current?.once('exit', () => process.exit(1));
    });
}

/** Runs the tests of these projects; `args` are Jest's own. */
export async function runJest(projects: readonly string[], args: readonly string[]): Promise<Tally> {
  console.log('\njest');
  const folder = mkdtempSync(join(tmpdir(), 'shop-jest-'));
  const file = join(folder, 'report.json');
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = fileURLToPath(import.meta.resolve('jest/bin/jest'));
  try {
    const exitCode = await runHere(
      process.execPath,
      [jest, '--selectProjects', ...projects, '--json', `--outputFile=${file}`, ...args],
      { ...process.env, NODE_OPTIONS: options.filter(Boolean).join(' ') },
    );
    return tallyJest(readReport(file), exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): JestReport | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
