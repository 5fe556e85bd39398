import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../executable.ts';
import { readLines, run } from '../run.ts';
import type { Tell } from '../tell.ts';

const downloadProgram = fileURLToPath(new URL('./download.ts', import.meta.url));

/** What is downloaded where there is no mongod on PATH. */
const downloadVersion = '8.2.6';
/** The first whose protocol the Node.js driver speaks. */
const oldestVersion = [4, 4] as const;

const stallTimeoutMs = 30_000;
const progressIntervalMs = 3000;

export interface MongodOptions {
  onProgress: Tell;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** How long a download may take to begin before it is given up. */
  firstByteTimeoutMs?: number;
}

/** A mongod that runs on this machine, or why there is none. */
export type Mongod = { path: string } | { reason: string };

/** The mongod on PATH, else one that mongodb-memory-server has downloaded or can download now. */
export async function findMongod(options: MongodOptions): Promise<Mongod> {
  const installed = await findOnPath('mongod', options.env);
  if (installed !== undefined) {
    const reason = await whyUnusable(installed, options);
    if (reason === undefined) return { path: installed };
    options.onProgress(`${installed} is not used: ${reason}`);
  }
  const found = await download(options);
  if ('reason' in found) return found;
  const reason = await whyUnusable(found.path, options);
  return reason === undefined ? found : { reason };
}

/** Missing libraries and processors that are too old show when it is asked for its version. */
async function whyUnusable(path: string, { env, signal }: MongodOptions): Promise<string | undefined> {
  const { code, output } = await run(path, ['--version'], { env, signal }).catch((error) => {
    signal?.throwIfAborted();
    return { code: null, output: String(error) };
  });
  const version = /db version v(\d+)\.(\d+)/.exec(output);
  if (code !== 0 || version === null) return `it does not run here (${output.trim().split('\n')[0]})`;
  const [major, minor] = version.slice(1).map(Number) as [number, number];
  const tooOld = major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
  return tooOld ? `version ${major}.${minor} is older than ${oldestVersion.join('.')}` : undefined;
}

function download({ env, onProgress, signal, firstByteTimeoutMs = 10_000 }: MongodOptions): Promise<Mongod> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [downloadProgram, downloadVersion], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // The library would accept any certificate, and ask a dead host several times.
      env: { MONGOMS_MAX_RETRIES: '1', ...env, npm_config_strict_ssl: 'true', MONGOMS_MD5_CHECK: 'true' },
      signal,
    });
    let found: string | undefined;
    let failure = 'the download ended without a result';
    let printedAt = Number.NEGATIVE_INFINITY;
    const giveUp = (reason: string) => () => {
      failure = reason;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(giveUp(`no download began within ${firstByteTimeoutMs / 1000} s`), firstByteTimeoutMs);
    readLines(child.stdout, (line) => {
      clearTimeout(timer);
      timer = setTimeout(giveUp(`the download stood still for ${stallTimeoutMs / 1000} s`), stallTimeoutMs);
      found = /^path (.+)$/.exec(line)?.[1] ?? found;
      failure = /^reason (.+)$/.exec(line)?.[1] ?? failure;
      const progress = /"(.+)": (.+)/.exec(line);
      if (progress === null || performance.now() - printedAt < progressIntervalMs) return;
      printedAt = performance.now();
      onProgress(`Downloading MongoDB ${progress[1]}, this once: ${progress[2]}`);
    });
    child.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
    child.on('close', () => {
      clearTimeout(timer);
      resolve(found === undefined ? { reason: failure } : { path: found });
    });
  });
}
