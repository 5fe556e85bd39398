// `npm test`: every check and every test that needs no cluster, and one last line that says how many passed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatSeconds } from './local/duration.ts';
import { endWithSignals, runHere, runJest } from './local/jest-run.ts';
import { sum, type Tally, tallyCheck } from './local/test-tally.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const generator = join(root, 'scripts/generate.ts');

async function check(name: string, command: string, args: readonly string[]): Promise<Tally> {
  console.log(`\n${name}`);
  const startedAt = performance.now();
  const isPassed = (await runHere(command, args)) === 0;
  console.log(`${isPassed ? '✓' : '✗'} ${name}  ${formatSeconds(performance.now() - startedAt)}`);
  return tallyCheck(isPassed);
}

endWithSignals();
const tallies = [
  await check('biome check', bin('biome'), ['check']),
  await check('tsc', bin('tsc'), []),
  await check('tsc, for the browser', bin('tsc'), ['-p', 'services/lag-controller/src/page/browser']),
  await check('knip', bin('knip'), []),
  ...(existsSync(generator) ? [await check('generated files', process.execPath, [generator, '--check'])] : []),
  await runJest(['unit', 'int', 'e2e'], process.argv.slice(2)),
];
const { passed, failed } = sum(tallies);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\ntests: ${passed} passed, ${failed} failed`);
