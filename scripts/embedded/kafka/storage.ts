import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinished } from '../cache.ts';
import { mustRun } from '../run.ts';
import { SetupError } from '../setup-error.ts';
import { type Member, serverProperties } from './properties.ts';

export interface ScramUser {
  name: string;
  password: string;
}

export interface StorageOptions {
  /** The folder that becomes Kafka's `log.dirs`. */
  logDir: string;
  version: string;
  member: Member;
  /** Users exist from the first start; later starts leave them as they are. */
  users: ScramUser[];
  java: string;
  javaArgs: string[];
  signal?: AbortSignal | undefined;
}

const versionFile = 'made-by-kafka-version';

/**
 * Formats the storage on the first start; on later ones checks that the same Kafka made it.
 * It is formatted under another name and renamed, so a folder that exists is always whole.
 * @throws SetupError when another Kafka version made the folder.
 */
export async function prepareStorage(options: StorageOptions): Promise<void> {
  const madeBy = await readFile(join(options.logDir, versionFile), 'utf8').catch(missing);
  if (madeBy?.trim() === options.version) return;
  if (madeBy !== undefined) {
    throw new SetupError(
      `${options.logDir} was made by Kafka ${madeBy.trim()}, this is ${options.version}: delete that folder to begin anew.`,
    );
  }
  const part = unfinished(options.logDir);
  const config = `${part}.properties`;
  try {
    await writeFile(config, serverProperties(part, 9092, options.member));
    await format(config, options);
    await writeFile(join(part, versionFile), `${options.version}\n`);
    await renameTo(part, options.logDir);
  } finally {
    await rm(config, { force: true });
    await rm(part, { recursive: true, force: true });
  }
}

async function format(config: string, { java, javaArgs, member, users, signal }: StorageOptions): Promise<void> {
  const { id, nodeId, controllerPorts } = member;
  const scram = users.flatMap((user) => ['--add-scram', scramCredential(user)]);
  const alone = nodeId === 1 && controllerPorts.length === 1 ? ['--standalone'] : [];
  const args = ['kafka.tools.StorageTool', 'format', ...alone, '-t', id, '-c', config, ...scram];
  await mustRun(java, [...javaArgs, ...args], { signal });
}

/** Kafka's tool knows no quoting here. */
function scramCredential({ name, password }: ScramUser): string {
  if (/[[\],=\s]/.test(name + password)) {
    throw new Error(`A SCRAM name or password must not contain brackets, commas, equals signs or spaces: ${name}`);
  }
  return `SCRAM-SHA-512=[name=${name},password=${password}]`;
}

async function renameTo(part: string, logDir: string): Promise<void> {
  try {
    await rename(part, logDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    throw new SetupError(`${logDir} holds files that this Kafka did not make: delete that folder to begin anew.`);
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
