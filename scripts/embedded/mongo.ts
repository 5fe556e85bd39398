import { mkdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { resolveClassPath } from './class-path.ts';
import { findJava } from './java.ts';
import { compileLauncher } from './launcher.ts';
import { mongoIsReady } from './mongo-probe.ts';
import { portTaken, requireFreePort } from './port.ts';
import { type EmbeddedServer, type Exit, startServer } from './server-process.ts';
import { SetupError } from './setup-error.ts';

const label = 'mongo-java-server 1.47';
const startTimeoutMs = 60_000;
const javaFlags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

export interface MongoOptions {
  port: number;
  /** Created when missing. The same folder on a later start continues with the same data. */
  dataDir: string;
  /** Each line that the server's process prints; its log is in `dataDir`. */
  onOutput?: (line: string) => void;
  /** One line for people about something that takes long. Standard error when not given. */
  onProgress?: (line: string) => void;
  /** Ends the start; rejects with the signal's reason once no process is left. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

export interface MongoServer extends EmbeddedServer {
  /** Without a database name. */
  uri: string;
}

/**
 * Starts a MongoDB server on 127.0.0.1 and resolves when it answers.
 * @throws SetupError when Java or Maven is missing, or the port is taken.
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  const { port, env = process.env, onProgress = console.error, signal } = options;
  const dataDir = resolve(options.dataDir);
  await requireFreePort(port, 'MongoDB', 'MONGODB_PORT');

  const java = await findJava(env);
  const size = 'about 6 MB, usually some seconds';
  const jars = await resolveClassPath('mongo', { label, size, onProgress, env, signal });
  const launcher = await compileLauncher(java, ['java/Launcher.java', 'mongo/EmbeddedMongo.java'], jars);
  const folder = join(dataDir, 'mongo-java-server');
  await mkdir(folder, { recursive: true });
  const server = await startServer({
    name: 'MongoDB',
    command: join(java.home, 'bin', 'java'),
    args: [
      ...javaFlags,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-cp',
      [launcher, ...jars].join(delimiter),
      'Launcher',
      'EmbeddedMongo',
      join(folder, 'data.mv.db'),
      String(port),
    ],
    isReady: () => mongoIsReady(port),
    startTimeoutMs,
    askToStop: (child) => child.stdin?.end(),
    explain: (exit, console) => explain(exit, console, folder, port),
    consoleFile: join(folder, 'server.log'),
    onOutput: options.onOutput,
    signal,
  });
  return { ...server, uri: `mongodb://127.0.0.1:${port}` };
}

async function explain(exit: Exit, console: string[], folder: string, port: number): Promise<Error> {
  const tail = console.join('\n');
  if (/file is locked/i.test(tail)) {
    return new SetupError(`${folder} is in use by another MongoDB that still runs: stop that one first.`);
  }
  if (/already in use/i.test(tail)) return portTaken(port, 'MongoDB', 'MONGODB_PORT');
  return new Error(`MongoDB ended during its start (${exit.signal ?? `exit ${exit.code}`}):\n${tail}`);
}
