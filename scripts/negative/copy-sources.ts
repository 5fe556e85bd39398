import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $, quiet } from 'zx';
import type { Guard } from './guards.ts';

const root = join(import.meta.dirname, '../..');

/** The sources as they are now, and the installed packages by link; the workspaces link to the copy itself. */
export async function copySources(folder: string): Promise<void> {
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

/**
 * Takes the guard out of the copy in `folder`.
 *
 * @returns what puts it back
 * @throws when the guard's code does not stand in its file exactly once
 */
export async function takeOut(folder: string, { file, code, without }: Pick<Guard, 'file' | 'code' | 'without'>) {
  const path = join(folder, file);
  const source = await readFile(path, 'utf8');
  const count = source.split(code).length - 1;
  if (count !== 1) throw new Error(`the guard's code stands ${count} times in ${file}: mend the table of guards`);
  await writeFile(
    path,
    source.replace(code, () => without),
  );
  return () => writeFile(path, source);
}
