import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type HelmMajor, helms } from '../helm.ts';

const run = promisify(execFile);

/** @returns what Helm printed @throws with what it said */
export async function helm(args: readonly string[], major: HelmMajor = 'Helm 4'): Promise<string> {
  const { stdout } = await run(helms[major], args);
  return stdout;
}
