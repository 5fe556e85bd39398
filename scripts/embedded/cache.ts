import { createHash, randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

/** What is fetched or compiled once per checkout. It lies under node_modules, so a clean install forgets it. */
export const cacheDir = resolve(import.meta.dirname, '../../node_modules/.cache/shop');

/** The name changes with any part, so a cached file is never older than what it was made of. */
export function fingerprint(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}

/** A name beside `path` that no other process uses; renamed to `path` once it is complete, nobody sees half of it. */
export function unfinished(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`;
}

/** True when there is something at the path. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
