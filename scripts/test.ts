// `npm test`: every check and every test that needs no cluster, and one last line that says how many passed.
import { join } from 'node:path';
import { parseFlagsAndWords } from './command-line/arguments.ts';
import { formatSeconds } from './command-line/duration.ts';
import { runScript } from './command-line/run-script.ts';
import { endWithSignals, runHere, runJest } from './testing/jest-run.ts';
import { sum, type Tally, tallyCheck } from './testing/test-tally.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

async function check(name: string, command: string, args: readonly string[]): Promise<Tally> {
  console.log(`\n${name}`);
  const startedAt = performance.now();
  const isPassed = (await runHere(command, args)) === 0;
  console.log(`${isPassed ? '✓' : '✗'} ${name}  ${formatSeconds(performance.now() - startedAt)}`);
  return tallyCheck(isPassed);
}

const help = `npm test [-- PATH… [-t TITLE]]

Every check, and every test that needs no cluster; or, after the checks, only the tests whose path has one of these words in it, and
whose title matches TITLE. The last line says how many passed.
`;

async function main(): Promise<void> {
  const { flags, words } = parseFlagsAndWords(process.argv.slice(2), {
    command: 'npm test',
    options: { testNamePattern: { type: 'string', short: 't' }, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const titles = flags.testNamePattern === undefined ? [] : ['--testNamePattern', flags.testNamePattern];

  endWithSignals();
  const tallies = [
    await check('biome check', bin('biome'), ['check']),
    await check('tsc', bin('tsc'), []),
    await check('tsc, for the browser', bin('tsc'), ['-p', 'services/lag-controller/src/page/browser']),
    await check('knip', bin('knip'), []),
    await check('generated files', process.execPath, [join(root, 'scripts/generate.ts'), '--check']),
    await runJest(['unit', 'int', 'e2e'], [...words, ...titles]),
  ];
  const { passed, failed } = sum(tallies);
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`\ntests: ${passed} passed, ${failed} failed`);
}

await runScript(main);
