import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { FolderInUse } from './folder-in-use.ts';
import { freePort, portTaken, requireFreePort } from './free-port.ts';
import { findJava, type Java } from './java.ts';
import { classArchive } from './jvm/class-archive.ts';
import { resolveClassPath } from './jvm/class-path.ts';
import { compileLauncher } from './jvm/launcher.ts';
import { makeCertificate } from './kafka/certificate.ts';
import { brokerIsReady } from './kafka/probe.ts';
import { type Cluster, type Member, type SecureListener, serverProperties } from './kafka/properties.ts';
import { prepareStorage, type ScramUser } from './kafka/storage.ts';
import { type EmbeddedServer, type Exit, startServer } from './server-process.ts';
import { SetupError } from './setup-error.ts';
import { type Tell, tellOnStandardError } from './tell.ts';

const startTimeoutMs = 60_000;

/** A broker on a laptop is started far more often than it runs hot: half the processor time per start, and less memory. */
const javaFlags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

export interface KafkaOptions {
  port: number;
  /** Created when missing. The same folder on a later start continues with the same topics and messages. */
  dataDir: string;
  /** Which node of which cluster it is; the only one of its own when not given. */
  member?: Member;
  /** A second listener, for what is to be tested with TLS or with names and passwords. */
  secure?: SecureOptions;
  /** Each line that Kafka's JVM prints; its log is in `dataDir/kafka.log`. */
  onOutput?: (line: string) => void;
  /** One line for people about something that takes long. Standard error when not given. */
  onProgress?: Tell;
  /** Ends the start; it rejects with the signal's reason once no process is left. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

interface SecureOptions {
  port: number;
  /** With a certificate for localhost and 127.0.0.1, made on the first start in the folder. */
  tls: boolean;
  /** Who may log in by SCRAM-SHA-512; created on the first start in the folder. None: no login is asked for. */
  users: ScramUser[];
  /** How long a login is good; without, for as long as the connection. */
  loginMs?: number;
}

export interface KafkaServer extends EmbeddedServer {
  /** `host:port`, as clients take it. */
  brokers: string[];
  /** `brokers` of the second listener, and the PEM file with the certificate to trust if it speaks TLS. */
  secure?: { brokers: string[]; caFile?: string };
}

/** A cluster whose nodes up to `controllers` are its quorum: most of those have to run before any of its brokers serves. */
export async function newCluster(controllers: number): Promise<Cluster> {
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  return { id, controllerPorts: await Promise.all(Array.from({ length: controllers }, freePort)) };
}

/**
 * Starts one Apache Kafka broker (KRaft) on 127.0.0.1 and resolves when it serves.
 * Fetches the jars on the first start ever, and formats the storage on the first start in a folder.
 * @throws SetupError when Java or Maven is missing, the port is taken, or another Kafka version made the folder; FolderInUse.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { port, env = process.env, onProgress = tellOnStandardError, signal } = options;
  const dataDir = resolve(options.dataDir);
  await requireFreePort(port, 'Kafka', 'KAFKA_PORT');
  const java = await findJava(env);
  const jars = await resolveClassPath(join(import.meta.dirname, 'kafka/pom.xml'), {
    label: 'Apache Kafka',
    size: 'about 65 MB, usually half a minute',
    onProgress,
    env,
    signal,
  });
  const classPath = [await compileLauncher(java, ['jvm/Launcher.java']), ...jars];
  const archive = await classArchive('kafka', java, classPath);

  const files = dataFiles(dataDir);
  await mkdir(dataDir, { recursive: true });
  const secure = options.secure && (await secureListener(options.secure, files.tls, java));
  const command = join(java.home, 'bin', 'java');
  const javaArgs = [...javaFlags, ...archive.flags, ...logFlags(files.log), '-cp', classPath.join(delimiter)];
  const member = options.member ?? { ...(await newCluster(1)), nodeId: 1 };
  await prepareStorage({
    logDir: files.storage,
    version: versionOf(jars),
    member,
    users: options.secure?.users ?? [],
    java: command,
    javaArgs,
    signal,
  });
  await writeFile(files.config, serverProperties(files.storage, port, member, secure));

  const attempt = { port, dataDir, log: files.log, logStart: await fileSize(files.log) };
  const server = await startServer({
    name: 'Kafka',
    command,
    args: [...archive.recordingFlags, ...javaArgs, 'Launcher', join(dataDir, 'lock'), 'kafka.Kafka', files.config],
    isReady: () => brokerIsReady(port),
    startTimeoutMs,
    askToStop: (child) => child.stdin?.end(),
    explain: (exit, console) => explain(exit, console, attempt),
    onOutput: options.onOutput,
    signal,
  });
  const archived = server.exited.then(archive.keep);
  return {
    ...server,
    async stop() {
      await server.stop();
      await archived;
    },
    brokers: [`127.0.0.1:${port}`],
    ...(secure && { secure: secureAddress(secure) }),
  };
}

function dataFiles(dataDir: string) {
  return {
    storage: join(dataDir, 'storage'),
    config: join(dataDir, 'server.properties'),
    log: join(dataDir, 'kafka.log'),
    tls: join(dataDir, 'tls'),
  };
}

function logFlags(file: string): string[] {
  const config = join(import.meta.dirname, 'kafka/log4j2.properties');
  return [`-Dshop.log=${file}`, `-Dlog4j2.configurationFile=${config}`, '-Dlog4j2.disableJmx=true'];
}

async function secureListener(options: SecureOptions, folder: string, java: Java) {
  await requireFreePort(options.port, "Kafka's second listener", 'the port given in the code');
  const certificate = options.tls ? await makeCertificate(folder, join(java.home, 'bin', 'keytool')) : undefined;
  const { port, users, loginMs } = options;
  const listener: SecureListener = { port, scram: users.length > 0, loginMs, ...certificate };
  return { ...listener, ...certificate };
}

function secureAddress({ port, caFile }: { port: number; caFile?: string }) {
  return { brokers: [`127.0.0.1:${port}`], ...(caFile !== undefined && { caFile }) };
}

/** The pom is the one place that says which Kafka this is. */
function versionOf(jars: string[]): string {
  const version = jars.map((jar) => /kafka_2\.13-([\d.]+)\.jar$/.exec(jar)?.[1]).find((found) => found !== undefined);
  if (version === undefined) throw new Error('The class path in kafka/pom.xml has no kafka_2.13');
  return version;
}

interface Attempt {
  port: number;
  dataDir: string;
  log: string;
  /** Where the log ended before this start, in bytes. */
  logStart: number;
}

async function explain(exit: Exit, console: string[], { port, dataDir, log, logStart }: Attempt): Promise<Error> {
  const all = await readFile(log).catch(() => Buffer.alloc(0));
  const written = all.subarray(all.length < logStart ? 0 : logStart).toString();
  if (console.includes('folder in use')) return new FolderInUse(dataDir, 'Kafka');
  const taken = /bind to \S*:(\d+): Address already in use/.exec(written)?.[1];
  if (taken === String(port)) return portTaken(port, 'Kafka', 'KAFKA_PORT');
  if (taken !== undefined) return new SetupError(`Kafka found port ${taken} taken just now: start it again.`);
  const tail = [...console, ...written.trim().split('\n')].slice(-25).join('\n');
  return new Error(`Kafka ended during its start (${exit.signal ?? `exit ${exit.code}`}); the end of ${log}:\n${tail}`);
}

async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
