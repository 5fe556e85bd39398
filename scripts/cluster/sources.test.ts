import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, files, folders } from './sources.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sources-'));
  for (const file of files) await write(file, file);
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  await write('scripts/image/sbom.ts', 'a');
  await write('services/orders/src/main.ts', 'a');
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

describe('the digest of what images are built of', () => {
  it('is the same for the same, whenever it was written', async () => {
    const before = await digestOf(root);
    await write('services/orders/src/main.ts', 'a');
    expect(await digestOf(root)).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    'services/orders/src/main.ts',
    'services/orders/src/new.ts',
    'services/Dockerfile',
    'scripts/image/sbom.ts',
    'package-lock.json',
  ])('is another when %s is another', async (path) => {
    const before = await digestOf(root);
    await write(path, 'b');
    expect(await digestOf(root)).not.toBe(before);
  });

  it('is another when text moves from one file to the next', async () => {
    await write('services/orders/src/a.ts', 'ab');
    await write('services/orders/src/b.ts', '');
    const before = await digestOf(root);
    await write('services/orders/src/a.ts', 'a');
    await write('services/orders/src/b.ts', 'b');
    expect(await digestOf(root)).not.toBe(before);
  });

  it.each([
    'services/orders/src/main.test.ts',
    'services/orders/node_modules/a/index.js',
    'scripts/up.ts',
    'README.md',
  ])('does not change with %s, which goes into no image', async (path) => {
    const before = await digestOf(root);
    await write(path, 'b');
    expect(await digestOf(root)).toBe(before);
  });

  it('covers all that the build is given', async () => {
    const ignored = await readFile(join(import.meta.dirname, '../../.dockerignore'), 'utf8');
    const given = [...ignored.matchAll(/^!(.+)$/gm)].map(([, path]) => path);
    expect(given.sort()).toEqual([...files, ...folders].sort());
  });
});
