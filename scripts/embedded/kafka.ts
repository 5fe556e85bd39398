import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { resolveClassPath } from './class-path.ts';
import { findJava } from './java.ts';
import { brokerIsReady } from './kafka-probe.ts';
import { serverProperties } from './kafka-properties.ts';
import { prepareStorage } from './kafka-storage.ts';
import { compileLauncher } from './launcher.ts';
import { freePort, portTaken, requireFreePort } from './port.ts';
import { type EmbeddedServer, type Exit, startServer } from './server-process.ts';
import { SetupError } from './setup-error.ts';

export const kafkaVersion = '4.3.1';

const label = `Apache Kafka ${kafkaVersion}`;
const startTimeoutMs = 60_000;

/** Half the memory and a quarter less start-up time; a broker on a laptop never runs hot enough to miss the rest. */
const javaFlags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

export interface KafkaOptions {
  port: number;
  /** Created when missing. The same folder on a later start continues with the same topics and messages. */
  dataDir: string;
  /** The quorum's port; any free one when not given. */
  controllerPort?: number;
  /** Each line that Kafka's JVM prints; its log is in `dataDir/kafka.log`. */
  onOutput?: (line: string) => void;
  /** One line for people about something that takes long. Standard error when not given. */
  onProgress?: (line: string) => void;
  /** Ends the start; rejects with the signal's reason once no process is left. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

export interface KafkaServer extends EmbeddedServer {
  /** `host:port`, as clients take it. */
  brokers: string[];
}

/**
 * Starts one Apache Kafka broker (KRaft) on 127.0.0.1 and resolves when it serves.
 * Fetches the jars on the first start ever, and formats the storage on the first start in a folder.
 * @throws SetupError when Java or Maven is missing, the port is taken, or another Kafka version made the folder.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { port, env = process.env, onProgress = console.error, signal } = options;
  const dataDir = resolve(options.dataDir);
  await requireFreePort(port, 'Kafka', 'KAFKA_PORT');

  const java = await findJava(env);
  const size = 'about 60 MB, usually under a minute';
  const jars = await resolveClassPath('kafka', { label, size, onProgress, env, signal });
  const launcher = await compileLauncher(java, ['java/Launcher.java']);
  const logFile = join(dataDir, 'kafka.log');
  const javaArgs = [
    ...javaFlags,
    `-Dshop.log=${logFile}`,
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'kafka/log4j2.properties')}`,
    '-Dlog4j2.disableJmx=true',
    '-cp',
    [launcher, ...jars].join(delimiter),
  ];
  const command = join(java.home, 'bin', 'java');
  const controllerPort = options.controllerPort ?? (await freePort());
  const logDir = join(dataDir, 'log');
  await mkdir(dataDir, { recursive: true });
  await prepareStorage({ logDir, version: kafkaVersion, controllerPort, users: [], java: command, javaArgs, signal });
  const config = join(dataDir, 'server.properties');
  await writeFile(config, serverProperties(logDir, { port, controllerPort }));

  const logStart = await fileSize(logFile);
  const server = await startServer({
    name: 'Kafka',
    command,
    args: [...javaArgs, 'Launcher', 'kafka.Kafka', config],
    isReady: () => brokerIsReady(port),
    startTimeoutMs,
    askToStop: (child) => child.stdin?.end(),
    explain: (exit, console) => explain(exit, console, { dataDir, logFile, logStart, port }),
    onOutput: options.onOutput,
    signal,
  });
  return { ...server, brokers: [`127.0.0.1:${port}`] };
}

interface Attempt {
  dataDir: string;
  logFile: string;
  logStart: number;
  port: number;
}

async function explain(exit: Exit, console: string[], { dataDir, logFile, logStart, port }: Attempt): Promise<Error> {
  const log = (await readFile(logFile, 'utf8').catch(() => '')).slice(logStart);
  if (log.includes('Failed to acquire lock')) {
    return new SetupError(`${dataDir} is in use by another Kafka that still runs: stop that one first.`);
  }
  if (log.includes('Address already in use')) return portTaken(port, 'Kafka', 'KAFKA_PORT');
  const tail = [...console, ...log.trim().split('\n')].slice(-25).join('\n');
  return new Error(
    `Kafka ended during its start (${exit.signal ?? `exit ${exit.code}`}); the end of ${logFile}:\n${tail}`,
  );
}

async function fileSize(path: string): Promise<number> {
  return (await readFile(path, 'utf8').catch(() => '')).length;
}
