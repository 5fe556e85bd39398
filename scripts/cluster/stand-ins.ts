/** For tests: programs on PATH that write down how they are called, in place of those that would work on a cluster. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const programs = ['kubectl', 'helm', 'kind', 'docker'];

/** What a call that matches the pattern of a shell is answered with: a line of shell. The first that matches counts. */
export type Answers = Readonly<Record<string, string>>;

/** In a cluster in which nothing is. */
const nothing: Answers = { 'helm status *': 'exit 1', '* -o json*': says('{"items":[]}') };

export interface StandIns {
  /** With them first on PATH, and without a cluster. */
  readonly env: NodeJS.ProcessEnv;
  /** Program and arguments of each call, in their order. */
  readonly calls: () => Promise<string[]>;
  /** What was piped into `-f -`, one after the other. */
  readonly piped: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** The answer that prints this. */
export function says(text: string): string {
  return `printf '%s\\n' '${text}'`;
}

export async function standIns(answers: Answers): Promise<StandIns> {
  const folder = await mkdtemp(join(tmpdir(), 'stand-ins-'));
  const [log, piped] = [join(folder, 'calls'), join(folder, 'piped')];
  // Only of a pipe that is closed at its end.
  const reads = `case $call in *' -f -') cat >> '${piped}';; esac`;
  const arms = Object.entries({ ...answers, ...nothing }).map(
    ([pattern, answer]) => `${pattern.replaceAll(' ', '\\ ')}) ${answer};;`,
  );
  for (const program of programs) {
    const lines = ['#!/bin/sh', `call="${program} $*"`, `printf '%s\\n' "$call" >> '${log}'`, reads];
    await writeFile(join(folder, program), [...lines, 'case $call in', ...arms, 'esac\n'].join('\n'));
    await chmod(join(folder, program), 0o755);
  }
  for (const file of [log, piped]) await writeFile(file, '');
  const { KUBECONFIG: _, IMAGES: __, ...rest } = process.env;
  return {
    env: { ...rest, PATH: `${folder}${delimiter}${rest.PATH}` },
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
    piped: () => readFile(piped, 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
