import { join } from 'node:path';
import { findOnPath, isExecutable } from './executable.ts';
import { run } from './run.ts';
import { SetupError } from './setup-error.ts';

const oldestVersion = 17;

export interface Java {
  /** The JDK's folder; its programs are in `bin`. */
  home: string;
  /** The full version, for example `17.0.15`. */
  version: string;
}

/**
 * The Java at JAVA_HOME, else the one on PATH.
 * @throws SetupError when there is none, or it is older than 17.
 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const command = await javaCommand(env);
  const { output } = await run(command, ['-XshowSettings:properties', '-version'], { env });
  const version = property(output, 'java.version');
  const home = property(output, 'java.home');
  if (version === undefined || home === undefined) {
    throw new SetupError(`${command} does not run: install Java ${oldestVersion} or newer (a JDK), or set JAVA_HOME.`);
  }
  if (major(version) < oldestVersion) {
    throw new SetupError(
      `${command} is Java ${version}, but Java ${oldestVersion} or newer is needed: install one (a JDK), or point JAVA_HOME at it.`,
    );
  }
  return { home, version };
}

async function javaCommand(env: NodeJS.ProcessEnv): Promise<string> {
  const home = env.JAVA_HOME;
  if (home !== undefined && home !== '') {
    const command = join(home, 'bin', 'java');
    if (await isExecutable(command)) return command;
    throw new SetupError(`JAVA_HOME is ${home}, but there is no bin/java in it: correct JAVA_HOME, or unset it.`);
  }
  const command = await findOnPath('java', env);
  if (command !== undefined) return command;
  throw new SetupError(`Java is missing: install Java ${oldestVersion} or newer (a JDK), or set JAVA_HOME to one.`);
}

function property(settings: string, name: string): string | undefined {
  return settings
    .split('\n')
    .map((line) => line.trim().split(' = '))
    .find(([key]) => key === name)?.[1];
}

function major(version: string): number {
  const [first, second] = version.split(/[.+_-]/).map(Number);
  return first === 1 ? (second ?? 0) : (first ?? 0);
}
