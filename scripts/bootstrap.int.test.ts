import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunResult, run } from './embedded/run.ts';

/** What a program says when its loader is not there, as glibc's is not on Alpine: the system then finds «no such file». */
const noLoader = '#!/nowhere/ld-linux-x86-64.so.2\n';
const noSuchLibrary = '#!/bin/sh\necho "Could not start dynamically linked executable" >&2\nexit 127\n';
let folder: string;
let packaged: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bootstrap-')));
  packaged = join(folder, 'node_modules/.bin/node');
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
  await mkdir(join(folder, 'scripts'));
  await copyFile(join(import.meta.dirname, 'bootstrap.mjs'), join(folder, 'scripts/bootstrap.mjs'));
  await writeFile(join(folder, 'package-lock.json'), '{}');
  await writeFile(join(folder, 'node_modules/.installed-lock'), createHash('sha256').update('{}').digest('hex'));
  const tell =
    "import { execFileSync } from 'node:child_process';\n" +
    "console.log('by', process.execPath, 'and on PATH', execFileSync('node', ['-p', 'process.execPath']).toString());\n";
  await writeFile(join(folder, 'scripts/who.mjs'), tell);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(options: string[] = []): Promise<RunResult> {
  const env = { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin` };
  return await run(process.execPath, [...options, join(folder, 'scripts/bootstrap.mjs'), 'scripts/who.mjs'], { env });
}

async function install(program: string): Promise<void> {
  await writeFile(packaged, program);
  await chmod(packaged, 0o755);
}

/** As if the Node of the machine were that old. */
async function old(version = '20.19.0'): Promise<string[]> {
  const file = join(folder, 'old.mjs');
  const versions = `{ value: { ...process.versions, node: '${version}' } }`;
  await writeFile(file, `Object.defineProperty(process, 'versions', ${versions});\n`);
  return ['--import', file];
}

describe('the bootstrap', () => {
  it('hands over to the Node that is installed', async () => {
    await symlink(process.execPath, packaged);
    expect(await start(await old())).toMatchObject({ code: 0 });
  });

  it.each([
    ['whose loader is missing', noLoader],
    ['that says it cannot start', noSuchLibrary],
  ])(
    "takes the machine's own Node where one is installed %s, each time, also as `node` on PATH",
    async (_, program) => {
      await install(program);
      const own = `by ${process.execPath} and on PATH ${process.execPath}\n`;
      expect(await start()).toEqual({ code: 0, output: own });
      expect(await start()).toEqual({ code: 0, output: own });
    },
  );

  it.each(['20.19.0', '24.5.0'])("says what to install where the machine's own Node %s is too old", async (version) => {
    await install(noLoader);
    expect(await start(await old(version))).toEqual({
      code: 1,
      output: `Node ${version} is too old here, and no newer one that runs on this platform could be installed: install Node 24.6 or newer.\n`,
    });
  });
});
