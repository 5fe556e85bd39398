import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { cacheDir, fingerprint, unfinished } from '../cache.ts';
import { findOnPath } from '../executable.ts';
import { run } from '../run.ts';
import { SetupError } from '../setup-error.ts';
import type { Tell } from '../tell.ts';

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath';
const progressIntervalMs = 3000;

export interface ClassPathOptions {
  /** What the jars are, for people: `Apache Kafka 4.3.1`. */
  label: string;
  /** How much the first download is and how long it takes, for people. */
  size: string;
  onProgress: Tell;
  env?: NodeJS.ProcessEnv | undefined;
  /** Where the list is kept. */
  cache?: string;
  signal?: AbortSignal | undefined;
}

/**
 * The jars that a pom names, fetched by Maven on the first call and whenever the pom changed or a jar is gone.
 * @param pom Its path; the folder it is in names the list.
 * @throws SetupError when Maven is missing or cannot fetch them.
 */
export async function resolveClassPath(pom: string, options: ClassPathOptions): Promise<string[]> {
  const { cache = cacheDir } = options;
  const list = join(cache, `${basename(dirname(pom))}-${fingerprint(await readFile(pom, 'utf8'))}.classpath`);
  const known = await readJars(list);
  if (known !== undefined) return known;
  await fetchJars(pom, list, options);
  const fetched = await readJars(list);
  if (fetched === undefined) throw new Error(`${list} names jars that are not there`);
  return fetched;
}

async function readJars(list: string): Promise<string[] | undefined> {
  try {
    const jars = (await readFile(list, 'utf8')).trim().split(delimiter);
    await Promise.all(jars.map((jar) => access(jar)));
    return jars;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function fetchJars(pom: string, list: string, options: ClassPathOptions): Promise<void> {
  const env = options.env ?? process.env;
  const maven = await findOnPath('mvn', env);
  if (maven === undefined) {
    throw new SetupError(`Maven is missing: install it (the command mvn), it fetches ${options.label} once.`);
  }
  await mkdir(dirname(list), { recursive: true });
  const part = unfinished(list);
  const progress = downloadProgress(options);
  try {
    const { code, output } = await run(
      maven,
      ['-B', '--strict-checksums', '-f', pom, plugin, `-Dmdep.outputFile=${part}`],
      { env, signal: options.signal, onLine: progress.onLine },
    );
    options.signal?.throwIfAborted();
    if (code !== 0) throw new SetupError(mavenFailure(options.label, output));
  } finally {
    progress.end();
  }
  await rename(part, list);
}

function downloadProgress({ label, size, onProgress }: ClassPathOptions) {
  const startedAt = performance.now();
  let files = 0;
  let latest = '';
  onProgress(`Fetching ${label} with Maven, this once (${size})`);
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    onProgress(`  ${label}: ${files} files after ${seconds} s${latest}`);
  }, progressIntervalMs);
  return {
    onLine(line: string): void {
      const url = /^(?:\[INFO\] )?Downloaded from \S+ (\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      files += 1;
      latest = `, latest ${url.slice(url.lastIndexOf('/') + 1)}`;
    },
    end: () => clearInterval(timer),
  };
}

function mavenFailure(label: string, output: string): string {
  const reason =
    output
      .split('\n')
      .find((line) => line.startsWith('[ERROR]'))
      ?.slice('[ERROR] '.length) ?? output.trim().split('\n').at(-1);
  return `Maven could not fetch ${label}: check the network, or the mirror and proxy in Maven's settings.xml, and try again (${reason}).`;
}
