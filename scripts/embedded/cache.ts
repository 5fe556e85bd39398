import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** What is fetched or compiled once per checkout. It lies under node_modules, so a clean install forgets it. */
export const cacheDir = resolve(import.meta.dirname, '../../node_modules/.cache/shop');

/** The name changes with any part, so a cached file is never older than what it was made of. */
export function fingerprint(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}

/** A name beside `path` that no other process uses; rename it to `path` once it is complete. */
export function unfinished(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`;
}

/** Readers see the old file or the new one, never half of it, with any number of writers. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = unfinished(path);
  await writeFile(part, content);
  await rename(part, path);
}
