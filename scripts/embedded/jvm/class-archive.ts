import { readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDir, exists, fingerprint, unfinished } from '../cache.ts';
import type { Java } from '../java.ts';
import type { Exit } from '../server-process.ts';

const abandonedAfterMs = 600_000;

/** The JVM says why an archive does not suit it, and what could not be archived; nobody can do anything about either. */
const quiet = ['-Xlog:cds*=off', '-Xlog:class+path=off'];

export interface ClassArchive {
  /** For any JVM on the same class path. */
  flags: string[];
  /** For the JVM whose classes are worth archiving, in addition; its end then takes two seconds longer, once. */
  recordingFlags: string[];
  /** Keeps what a recording JVM has left, if it ended in order. */
  keep(exit: Exit): Promise<void>;
}

/**
 * Class data sharing: parsed classes on disk, which spare Kafka about 40 % of its start-up time. The first server that
 * ends in order leaves them behind. Without an archive, or with one that does not suit, a JVM just starts slower.
 */
export async function classArchive(name: string, java: Java, classPath: string[]): Promise<ClassArchive> {
  const archive = join(cacheDir, `${name}-${fingerprint(java.home, java.version, classPath.join(delimiter))}.jsa`);
  if (await exists(archive)) {
    return { flags: [...quiet, `-XX:SharedArchiveFile=${archive}`], recordingFlags: [], keep: async () => {} };
  }
  await removeAbandoned();
  const part = unfinished(archive);
  return {
    flags: quiet,
    recordingFlags: [`-XX:ArchiveClassesAtExit=${part}`],
    async keep({ code }) {
      if (code !== 0 || !(await exists(part))) return rm(part, { force: true });
      await rename(part, archive);
      await removeOlder(name, archive);
    },
  };
}

/** A JVM that has outlived its script writes its 50 MB for nobody. */
async function removeAbandoned(): Promise<void> {
  const names = (await readdir(cacheDir)).filter((name) => name.includes('.jsa.') && name.endsWith('.part'));
  for (const name of names) {
    const path = join(cacheDir, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}

/** Archives of jars that are not used any more. A JVM that still uses one keeps it open. */
async function removeOlder(name: string, current: string): Promise<void> {
  const old = (await readdir(cacheDir)).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.jsa'));
  await Promise.all(
    old.map((file) => join(cacheDir, file)).map((path) => path !== current && rm(path, { force: true })),
  );
}
