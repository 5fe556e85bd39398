import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { cacheDir, exists, fingerprint, unfinished } from '../cache.ts';
import { isExecutable } from '../executable.ts';
import type { Java } from '../java.ts';
import { mustRun } from '../run.ts';
import { SetupError } from '../setup-error.ts';

const release = '17';

/**
 * Compiles Java sources into one jar, once per content. A jar and not a folder: class data sharing takes only jars.
 * @param sources Paths relative to `scripts/embedded`; the last one names the jar.
 * @returns The jar's path.
 * @throws SetupError when the Java found is a run-time without a compiler.
 */
export async function compileLauncher(java: Java, sources: string[], classPath: string[] = []): Promise<string> {
  const files = sources.map((source) => join(import.meta.dirname, '..', source));
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const name = basename(files.at(-1) ?? '', '.java').toLowerCase();
  const jar = join(cacheDir, `${name}-${fingerprint(...contents, ...classPath)}.jar`);
  if (await exists(jar)) return jar;

  const bin = join(java.home, 'bin');
  if (!(await isExecutable(join(bin, 'javac')))) {
    throw new SetupError(
      `${java.home} is a Java run-time without a compiler: install a JDK (17 or newer), or set JAVA_HOME to one.`,
    );
  }
  const classes = unfinished(join(cacheDir, name));
  const part = unfinished(jar);
  await mkdir(classes, { recursive: true });
  try {
    const path = classPath.join(delimiter) || '.';
    await mustRun(join(bin, 'javac'), [
      '--release',
      release,
      '-encoding',
      'UTF-8',
      '-cp',
      path,
      '-d',
      classes,
      ...files,
    ]);
    await mustRun(join(bin, 'jar'), ['--create', '--file', part, '-C', classes, '.']);
    await rename(part, jar);
  } finally {
    await rm(classes, { recursive: true, force: true });
  }
  return jar;
}
