/** Which state of the sources images were built of. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** What .dockerignore lets into the build, the Dockerfiles among it. */
export const files = [
  ...['.npmrc', 'package.json', 'package-lock.json', 'tsconfig.json'],
  ...['scripts/bundle.ts', 'scripts/dlq.ts', 'scripts/embedded/setup-error.ts', 'scripts/kafka.ts'],
];
export const folders = [
  'services',
  ...['command-line', 'dead-letters', 'image', 'kafka-cli'].map((name) => `scripts/${name}`),
];

/**
 * The same for the same sources, on any machine. An id of the built image would tell of times and builders as well, and whoever
 * builds by a command of their own has none that we could ask for.
 */
export async function digestOf(root: string): Promise<string> {
  const inFolders = await Promise.all(folders.map((folder) => filesBelow(root, folder)));
  const hash = createHash('sha256');
  for (const path of [...files, ...inFolders.flat()].sort()) {
    const content = await readFile(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll('\\', '/'));
  return paths.filter((path) => !/(^|\/)node_modules\/|\.test\.ts$/.test(path));
}
