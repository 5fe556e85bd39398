// `npm test`: every check and every test, and one last line that says how many passed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatSeconds } from './local/duration.ts';
import { type JestReport, sum, type Tally, tallyCheck, tallyJest } from './local/test-tally.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const generator = join(root, 'scripts/generate.ts');

let current: ChildProcess | undefined;

/** The exit code of a program that shares our terminal; `null` if a signal ended it. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number | null> {
  return new Promise((resolve, reject) => {
    current = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    current.once('error', reject);
    current.once('exit', resolve);
  });
}

async function check(name: string, command: string, args: readonly string[]): Promise<Tally> {
  console.log(`\n${name}`);
  const startedAt = performance.now();
  const isPassed = (await run(command, args)) === 0;
  console.log(`${isPassed ? '✓' : '✗'} ${name}  ${formatSeconds(performance.now() - startedAt)}`);
  return tallyCheck(isPassed);
}

async function jest(args: readonly string[]): Promise<Tally> {
  console.log('\njest');
  const folder = mkdtempSync(join(tmpdir(), 'shop-jest-'));
  const file = join(folder, 'report.json');
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  try {
    const exitCode = await run(
      process.execPath,
      [fileURLToPath(import.meta.resolve('jest/bin/jest')), '--json', `--outputFile=${file}`, ...args],
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

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    current?.kill(signal);
    current?.once('exit', () => process.exit(1));
  });

const tallies = [
  await check('biome check', bin('biome'), ['check']),
  await check('tsc', bin('tsc'), []),
  await check('tsc, for the browser', bin('tsc'), ['-p', 'services/lag-controller/src/page/browser']),
  await check('knip', bin('knip'), []),
  ...(existsSync(generator) ? [await check('generated files', process.execPath, [generator, '--check'])] : []),
  await jest(process.argv.slice(2)),
];
const { passed, failed } = sum(tallies);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\ntests: ${passed} passed, ${failed} failed`);
