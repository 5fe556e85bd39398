// `npm run test:negative`: each guard of the delivery rules is taken out, in a copy of the sources, and the test that
// stands for it must turn red. A test that stays green without its guard proves nothing.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, quiet } from 'zx';
import { startTestServers, stopTestServers } from './embedded/test-servers.ts';
import { formatSeconds } from './local/duration.ts';
import { type Guard, guards } from './negative/guards.ts';

const root = join(import.meta.dirname, '..');

type Status = 'passed' | 'failed' | 'missing';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** The sources as they are now, and the installed packages by link; the workspaces link to the copy itself. */
async function copySources(folder: string): Promise<void> {
  const { stdout } = await quiet($({ cwd: root })`git ls-files --cached --others --exclude-standard`);
  for (const file of stdout.trim().split('\n')) await cp(join(root, file), join(folder, file)).catch(ignoreDeleted);
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@shop') await symlink(join(root, 'node_modules', name), join(modules, name));
  await mkdir(join(modules, '@shop'));
  for (const name of await readdir(join(root, 'node_modules/@shop')))
    await symlink(join(folder, 'services', name), join(modules, '@shop', name));
}

/** A file that git still lists, but that is deleted in the work tree. */
function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
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
  const path = join(folder, guard.file);
  const source = await readFile(path, 'utf8');
  const count = source.split(guard.code).length - 1;
  if (count !== 1) return `the guard's code stands ${count} times in ${guard.file}: mend scripts/negative/guards.ts`;
  const before = await runTest(folder, guard.test);
  if (before !== 'passed') return `with the guard the test is ${before}, it should pass`;
  await writeFile(
    path,
    source.replace(guard.code, () => guard.without),
  );
  const after = await runTest(folder, guard.test);
  await writeFile(path, source);
  return after === 'failed' ? undefined : `without the guard the test is ${after}, it should fail`;
}

const folder = await mkdtemp(join(tmpdir(), 'shop-negative-'));
let passed = 0;
try {
  await copySources(folder);
  await startTestServers();
  for (const guard of guards) {
    const startedAt = performance.now();
    const fault = await proves(folder, guard);
    if (fault === undefined) passed += 1;
    const time = formatSeconds(performance.now() - startedAt);
    console.log(`${fault ? '✗' : '✓'} ${guard.name}  ${time}\n    ${fault ?? `red without it: «${guard.test.title}»`}`);
  }
} finally {
  await stopTestServers();
  await rm(folder, { recursive: true, force: true });
}
console.log(`\ntests: ${passed} passed, ${guards.length - passed} failed`);
process.exitCode = passed === guards.length ? 0 : 1;
