/** Runs the Tiltfile without Tilt: Go's Starlark executes it, and its calls are written down. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../scripts/embedded/run.ts';

const root = join(import.meta.dirname, '../../..');
const requirements = join(import.meta.dirname, 'requirements.txt');

/** Arguments under the names that Tilt gives them, and `call`, the function's. */
export interface Call {
  readonly call: string;
  // biome-ignore lint/suspicious/noExplicitAny: each function has its own
  readonly [argument: string]: any;
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own
  readonly spec?: any;
}

export interface Recording {
  readonly calls: readonly Call[];
  readonly applied: readonly KubernetesObject[];
}

/**
 * The interpreter's packages, installed once for each version of requirements.txt.
 *
 * @throws with what to do where Python or its packages can't be had
 */
async function pythonPath(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(root, '.data', `tiltfile-${version}`);
  if (existsSync(folder)) return folder;
  const half = `${folder}.${process.pid}`;
  const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', half, '--requirement', requirements];
  const { code, output } = await run('python3', install).catch((error: Error) => ({ code: 1, output: error.message }));
  if (code !== 0)
    throw new Error(
      `The Tiltfile is executed by starlark-go, a Python package, which could not be installed: Python 3.9 or newer with pip and a reachable package index are needed.\n${output}`,
    );
  renameSync(half, folder);
  return folder;
}

/**
 * @param answer what commands answer that the Tiltfile runs while it is read
 * @throws with the interpreter's words for what Tilt would refuse too
 */
export async function recordTiltfile(source: string, answer = ''): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-tiltfile-'));
  const output = join(folder, 'recording.json');
  try {
    await writeFile(join(folder, 'Tiltfile'), source);
    const script = `cd "${root}" && python3 e2e/cluster/tiltfile/recorder.py "${folder}/Tiltfile" > "${output}"`;
    const result = await run('sh', ['-c', script], {
      env: { ...process.env, PYTHONPATH: await pythonPath(), TILT_LOCAL: answer },
    });
    if (result.code !== 0) throw new Error(result.output);
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
