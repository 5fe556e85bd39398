import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { cacheDir, fingerprint, unfinished } from './cache.ts';
import { isExecutable, type Java } from './java.ts';
import { run } from './run.ts';
import { SetupError } from './setup-error.ts';

/**
 * Compiles the Java sources into one jar, once per content. A jar and not a folder: class data sharing takes only jars.
 * @param sources Paths relative to this folder.
 * @returns The jar's path.
 * @throws SetupError when the Java found is a run-time without a compiler.
 */
export async function compileLauncher(java: Java, sources: string[], classPath: string[] = []): Promise<string> {
  const files = sources.map((source) => join(import.meta.dirname, source));
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const name = basename(sources.at(-1) ?? '', '.java').toLowerCase();
  const jar = join(cacheDir, `${name}-${fingerprint(...contents, ...classPath)}.jar`);
  if (await exists(jar)) return jar;

  const javac = join(java.home, 'bin', 'javac');
  if (!(await isExecutable(javac))) {
    throw new SetupError(
      `${java.home} is a Java run-time without a compiler: install a JDK (17 or newer), or set JAVA_HOME to one.`,
    );
  }
  const classes = unfinished(jar.replace(/jar$/, 'classes'));
  await mkdir(classes, { recursive: true });
  try {
    await mustRun(javac, ['--release', '17', '-cp', classPath.join(delimiter) || '.', '-d', classes, ...files]);
    const part = unfinished(jar);
    await mustRun(join(java.home, 'bin', 'jar'), ['--create', '--file', part, '-C', classes, '.']);
    await rename(part, jar);
  } finally {
    await rm(classes, { recursive: true, force: true });
  }
  return jar;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function mustRun(command: string, args: string[]): Promise<void> {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
}
