import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { cacheDir, exists, unfinished } from '../cache.ts';
import { findOnPath, isExecutable } from '../executable.ts';
import { mustRun, run } from '../run.ts';
import { SetupError } from '../setup-error.ts';
import type { Tell } from '../tell.ts';

/** Where a package puts the script itself. Debian's one on PATH changes the user, and keeps its data in /var. */
const installed = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const advice = 'install RabbitMQ (Debian: rabbitmq-server)';

export interface RabbitProgram {
  /** The script that becomes the server's process. */
  readonly server: string;
  /** Erlang's name server: no node starts without one. */
  readonly epmd: string;
  /** What must stand first on PATH: where `erl` is. */
  readonly path: string;
}

interface UnpackOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: Tell;
  readonly signal?: AbortSignal | undefined;
  /** Where it is unpacked. */
  readonly cache?: string;
}

/** A RabbitMQ that is installed, or was unpacked before. */
export async function findRabbit(env: NodeJS.ProcessEnv, cache = cacheDir): Promise<RabbitProgram | undefined> {
  const server = (await isExecutable(installed)) ? installed : await findOnPath('rabbitmq-server', env);
  const epmd = await findOnPath('epmd', env);
  if (server !== undefined && epmd !== undefined) return { server, epmd, path: dirname(epmd) };
  const root = unpackedIn(cache);
  return (await exists(root)) ? unpackedProgram(root) : undefined;
}

/**
 * A RabbitMQ that is here, else Debian's packages, fetched once and unpacked into the cache: nothing is installed, and no
 * system service comes to life.
 *
 * @throws SetupError where there is none and no apt to fetch it
 */
export async function obtainRabbit(options: UnpackOptions): Promise<RabbitProgram> {
  const { cache = cacheDir } = options;
  const found = await findRabbit(options.env, cache);
  if (found !== undefined) return found;
  const root = unpackedIn(cache);
  await unpack(root, options);
  return unpackedProgram(root);
}

function unpackedIn(cache: string): string {
  return join(cache, `rabbitmq-${process.arch}`);
}

async function unpackedProgram(root: string): Promise<RabbitProgram> {
  return {
    server: join(root, installed),
    epmd: join(await runtimeOf(root), 'bin/epmd'),
    path: join(root, 'bin'),
  };
}

async function runtimeOf(root: string): Promise<string> {
  const erlang = join(root, 'usr/lib/erlang');
  const runtime = (await readdir(erlang)).find((name) => name.startsWith('erts-'));
  return join(erlang, runtime ?? 'erts');
}

async function unpack(root: string, { env, onProgress, signal }: UnpackOptions): Promise<void> {
  const [apt, dpkg] = [await findOnPath('apt-get', env), await findOnPath('dpkg-deb', env)];
  if (apt === undefined || dpkg === undefined)
    throw new SetupError(`RabbitMQ is missing and there is no apt to fetch it: ${advice}.`);
  onProgress('Fetching RabbitMQ and Erlang from Debian, this once (about 35 MB, some seconds)');
  const part = unfinished(root);
  const archives = join(part, 'archives');
  try {
    await mkdir(join(archives, 'partial'), { recursive: true });
    await download(apt, archives, { env, signal });
    for (const archive of (await readdir(archives)).filter((name) => name.endsWith('.deb')))
      await mustRun(dpkg, ['--extract', join(archives, archive), part], { env, signal });
    await rm(archives, { recursive: true });
    await writeErl(part, root);
    await rename(part, root).catch(async (error) => {
      // Another process was faster.
      if (!(await exists(root))) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function download(
  apt: string,
  archives: string,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  // Without locks, since nothing is installed: it needs no rights then.
  const only = ['--download-only', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`];
  const install = ['install', '--yes', '--no-install-recommends', ...only, 'rabbitmq-server'];
  const quiet = { ...options, env: { ...options.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const first = await run(apt, install, quiet);
  if (first.code === 0) return;
  // A fresh machine has no lists of packages yet; getting them needs root.
  await run(apt, ['update'], quiet);
  const { code, output } = await run(apt, install, quiet);
  options.signal?.throwIfAborted();
  if (code !== 0)
    throw new SetupError(`RabbitMQ could not be fetched: ${advice} (${output.trim().split('\n').at(-1)}).`);
}

/** Erlang's own `erl` looks for itself in /usr/lib only. */
async function writeErl(part: string, root: string): Promise<void> {
  const bin = join(part, 'bin');
  const runtime = (await runtimeOf(part)).replace(part, root);
  const script = `#!/bin/sh
export ROOTDIR='${dirname(runtime)}' BINDIR='${runtime}/bin' EMU=beam PROGNAME=erl
exec "$BINDIR/erlexec" "$@"
`;
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'erl'), script);
  await chmod(join(bin, 'erl'), 0o755);
}

/** PATH with what the program needs in front. */
export function pathOf({ path }: RabbitProgram, env: NodeJS.ProcessEnv): string {
  return [path, env.PATH ?? ''].join(delimiter);
}
