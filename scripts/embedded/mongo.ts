import { mkdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { FolderInUse } from './folder-in-use.ts';
import { portTaken, requireFreePort } from './free-port.ts';
import { findJava } from './java.ts';
import { resolveClassPath } from './jvm/class-path.ts';
import { compileLauncher } from './jvm/launcher.ts';
import { keepKind, kindOf, type MongoKind, wantedKind } from './mongo/kind.ts';
import { findMongod } from './mongo/mongod.ts';
import { mongoIsReady } from './mongo/probe.ts';
import { type EmbeddedServer, type Exit, type ServerCommand, startServer } from './server-process.ts';
import { SetupError } from './setup-error.ts';
import { type Tell, tellOnStandardError } from './tell.ts';

const startTimeoutMs = 60_000;
const javaFlags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

export interface MongoOptions {
  port: number;
  /** Created when missing. The same folder on a later start continues with the same data and the same kind of server. */
  dataDir: string;
  /**
   * Insists on one kind, as EMBEDDED_MONGODB does. Otherwise a real mongod where one can be had, else mongo-java-server:
   * atomic updates of single documents, but no sessions, transactions, change streams or `explain`.
   */
  kind?: MongoKind;
  /** Each line that the server's process prints; `dataDir/KIND/server.log` keeps them too. */
  onOutput?: (line: string) => void;
  /** One line for people about something that takes long or is not as usual. Standard error when not given. */
  onProgress?: Tell;
  /** Ends the start; it rejects with the signal's reason once no process is left. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

export interface MongoServer extends EmbeddedServer {
  /** Without a database name. */
  uri: string;
  kind: MongoKind;
}

type Context = Required<Pick<MongoOptions, 'port' | 'onProgress' | 'env'>> & {
  /** Where this kind of server keeps its files. */
  folder: string;
  signal?: AbortSignal | undefined;
};

/** What differs between the two kinds of server. */
type Program = Pick<ServerCommand, 'command' | 'args' | 'askToStop' | 'watchParent'>;

/**
 * Starts a MongoDB server on 127.0.0.1 and resolves when it answers.
 * @throws SetupError when the port is taken, the asked-for kind cannot be had, or Java or Maven is needed and missing;
 * FolderInUse.
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  const { port, env = process.env, onProgress = tellOnStandardError, signal } = options;
  const dataDir = resolve(options.dataDir);
  await requireFreePort(port, 'MongoDB', 'MONGODB_PORT');
  const asked = await kindOf(dataDir, options.kind ?? wantedKind(env));
  const common = { port, onProgress, env, signal };
  const mongod = asked === 'mongo-java-server' ? undefined : await mongodPath(asked === 'mongod', common);
  const kind = mongod === undefined ? 'mongo-java-server' : 'mongod';

  const folder = join(dataDir, kind);
  await mkdir(folder, { recursive: true });
  const context = { ...common, folder };
  const program = mongod === undefined ? await javaProgram(context) : mongodProgram(mongod, context);
  const server = await startServer({
    name: 'MongoDB',
    ...program,
    isReady: () => mongoIsReady(port),
    startTimeoutMs,
    explain: async (exit, console) => explain(exit, console, folder, port),
    consoleFile: join(folder, 'server.log'),
    onOutput: options.onOutput,
    signal,
  });
  await keepKind(dataDir, kind);
  return { ...server, uri: `mongodb://127.0.0.1:${port}`, kind };
}

async function mongodPath(required: boolean, context: Omit<Context, 'folder'>): Promise<string | undefined> {
  const found = await findMongod(context);
  if ('path' in found) return found.path;
  if (required) {
    throw new SetupError(`There is no mongod on PATH and none can be downloaded (${found.reason}): install MongoDB.`);
  }
  context.onProgress(`No mongod here (${found.reason}): mongo-java-server takes its place.`);
  return undefined;
}

function mongodProgram(command: string, { folder, port }: Context): Program {
  const network = ['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'];
  return {
    command,
    args: ['--dbpath', folder, ...network, '--wiredTigerCacheSizeGB', '0.25', '--quiet'],
    askToStop: (child) => child.kill('SIGTERM'),
    watchParent: true,
  };
}

async function javaProgram({ folder, port, env, onProgress, signal }: Context): Promise<Program> {
  const java = await findJava(env);
  const jars = await resolveClassPath(join(import.meta.dirname, 'mongo/pom.xml'), {
    label: 'mongo-java-server',
    size: 'about 6 MB, usually some seconds',
    onProgress,
    env,
    signal,
  });
  const sources = ['BsonType', 'IdIndex', 'PartialIndex', 'EmbeddedMongo'].map((name) => `mongo/${name}.java`);
  const launcher = await compileLauncher(java, ['jvm/Launcher.java', ...sources], jars);
  const log = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  const classPath = [launcher, ...jars].join(delimiter);
  const program = ['Launcher', join(folder, 'lock'), 'EmbeddedMongo', join(folder, 'documents.mv.db'), String(port)];
  return {
    command: join(java.home, 'bin', 'java'),
    args: [...javaFlags, ...log, '-cp', classPath, ...program],
    askToStop: (child) => child.stdin?.end(),
    watchParent: false,
  };
}

function explain(exit: Exit, console: string[], folder: string, port: number): Error {
  const tail = console.join('\n');
  if (/folder in use|Unable to lock the lock file|DBPathInUse/.test(tail)) return new FolderInUse(folder, 'MongoDB');
  if (/already in use/i.test(tail)) return portTaken(port, 'MongoDB', 'MONGODB_PORT');
  return new Error(`MongoDB ended during its start (${exit.signal ?? `exit ${exit.code}`}):\n${tail}`);
}
