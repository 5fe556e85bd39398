// `npm run test:negative`: each guard of the delivery rules is taken out, in a copy of the sources, and the test that
// stands for it must turn red. A test that stays green without its guard proves nothing.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, quiet } from 'zx';
import { parseFlags } from './command-line/arguments.ts';
import { formatSeconds } from './command-line/duration.ts';
import { runScript } from './command-line/run-script.ts';
import { startTestServers, stopTestServers } from './embedded/test-servers.ts';
import { copySources, takeOut } from './negative/copy-sources.ts';
import { type Guard, guards } from './negative/guards.ts';

type Status = 'passed' | 'failed' | 'missing';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

async function runTest(folder: string, { file, title }: Guard['test']): Promise<Status> {
  const output = join(folder, 'report.json');
  await rm(output, { force: true });
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const options = ['--json', `--outputFile=${output}`, '--runTestsByPath', file, '-t', `${pattern}$`];
  await quiet($({ cwd: folder, env, nothrow: true })`${process.execPath} node_modules/jest/bin/jest.js ${options}`);
  const report: Report = JSON.parse(await readFile(output, 'utf8'));
  const result = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find((assertion) => assertion.title === title);
  return result?.status === 'passed' || result?.status === 'failed' ? result.status : 'missing';
}

async function proves(folder: string, guard: Guard): Promise<string | undefined> {
  const before = await runTest(folder, guard.test);
  if (before !== 'passed') return `with the guard the test is ${before}, it should pass`;
  const putBack = await takeOut(folder, guard);
  const after = await runTest(folder, guard.test);
  await putBack();
  return after === 'failed' ? undefined : `without the guard the test is ${after}, it should fail`;
}

const help = `npm run test:negative

Takes ${guards.length} guards of the delivery rules out, one by one, in a copy of the sources; the test that stands for each must turn red.
`;

async function main(): Promise<void> {
  const options = { help: { type: 'boolean' } } as const;
  if (parseFlags(process.argv.slice(2), { command: 'npm run test:negative', options }).help) return console.log(help);
  const folder = await mkdtemp(join(tmpdir(), 'shop-negative-'));
  let passed = 0;
  try {
    await copySources(folder);
    await startTestServers();
    for (const guard of guards) {
      const startedAt = performance.now();
      const fault = await proves(folder, guard).catch((error: Error) => error.message);
      if (fault === undefined) passed += 1;
      const time = formatSeconds(performance.now() - startedAt);
      console.log(
        `${fault ? '✗' : '✓'} ${guard.name}  ${time}\n    ${fault ?? `red without it: «${guard.test.title}»`}`,
      );
    }
  } finally {
    await stopTestServers();
    await rm(folder, { recursive: true, force: true });
  }
  console.log(`\ntests: ${passed} passed, ${guards.length - passed} failed`);
  process.exitCode = passed === guards.length ? 0 : 1;
}

await runScript(main);
