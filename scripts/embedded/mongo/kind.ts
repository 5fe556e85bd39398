import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../setup-error.ts';

const kinds = ['mongod', 'mongo-java-server'] as const;

/** The real server, or the stand-in for machines where it cannot be had. */
export type MongoKind = (typeof kinds)[number];

/** What EMBEDDED_MONGODB says, if it says anything. */
export function wantedKind(env: NodeJS.ProcessEnv): MongoKind | undefined {
  const value = env.EMBEDDED_MONGODB;
  if (value === undefined || value === '') return undefined;
  const kind = kinds.find((known) => known === value);
  if (kind === undefined)
    throw new SetupError(`EMBEDDED_MONGODB is ${value}: set it to ${kinds.join(' or ')}, or unset it.`);
  return kind;
}

/**
 * The kind that has made the data in the folder, else the wanted one: neither can read the other's files, so a change
 * would look like lost data.
 * @throws SetupError when the folder was made by another kind than the wanted one.
 */
export async function kindOf(dataDir: string, wanted: MongoKind | undefined): Promise<MongoKind | undefined> {
  const text = await readFile(join(dataDir, 'kind'), 'utf8').catch(missing);
  const made = kinds.find((known) => known === text?.trim());
  if (made !== undefined && wanted !== undefined && made !== wanted) {
    throw new SetupError(
      `${dataDir} was made by ${made}, but ${wanted} is asked for: delete that folder to begin anew, or set EMBEDDED_MONGODB=${made}.`,
    );
  }
  return made ?? wanted;
}

/** From now on the folder belongs to this kind. */
export async function keepKind(dataDir: string, kind: MongoKind): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'kind'), `${kind}\n`);
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
