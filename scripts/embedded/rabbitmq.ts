import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort, portTaken, requireFreePort } from './free-port.ts';
import { isListening, rabbitIsReady } from './rabbitmq/probe.ts';
import { obtainRabbit, pathOf, type RabbitProgram } from './rabbitmq/program.ts';
import { type EmbeddedServer, type Exit, startServer } from './server-process.ts';
import { type Tell, tellOnStandardError } from './tell.ts';

const startTimeoutMs = 90_000;
/** Always the same: the data's folder is named after it. */
const node = 'shop@localhost';

const modest = `vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
`;

export interface RabbitOptions {
  port: number;
  /** Created when missing. The same folder on a later start continues with the same queues; nobody else may use it. */
  dataDir: string;
  /** Lines of rabbitmq.conf. By default modest limits of memory and disk. */
  configuration?: string;
  /** One line for people about something that takes long. Standard error when not given. */
  onProgress?: Tell;
  /** Ends the start; it rejects with the signal's reason once no process is left. */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

export interface RabbitServer extends EmbeddedServer {
  /** With RabbitMQ's own first user, who is let in from this machine only. */
  url: string;
}

/**
 * Starts a RabbitMQ on 127.0.0.1, with an Erlang name server of its own, and resolves when it answers.
 * @throws SetupError when the port is taken, or there is no RabbitMQ and none can be fetched
 */
export async function startRabbit(options: RabbitOptions): Promise<RabbitServer> {
  const { port, env = process.env, onProgress = tellOnStandardError, signal } = options;
  const dataDir = resolve(options.dataDir);
  await requireFreePort(port, 'RabbitMQ', 'RABBITMQ_PORT');
  const program = await obtainRabbit({ env, onProgress, signal });
  await mkdir(dataDir, { recursive: true });
  const config = join(dataDir, 'rabbitmq.conf');
  await writeFile(config, options.configuration ?? modest);

  const epmdPort = await freePort();
  const epmd = await startEpmd(program, epmdPort, signal);
  const variables = {
    PATH: pathOf(program, env),
    // The cookie is kept there.
    HOME: dataDir,
    ERL_EPMD_PORT: epmdPort,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP_BYTES: 0,
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: port,
    RABBITMQ_DIST_PORT: await freePort(),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dataDir, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(dataDir, 'generated'),
    RABBITMQ_MNESIA_BASE: dataDir,
    RABBITMQ_LOGS: '-',
    // The script then becomes the server instead of waiting for it, so that its process is ours to stop and to kill.
    RABBITMQ_ALLOW_INPUT: 1,
    RABBITMQ_SERVER_START_ARGS: '-noinput',
  };
  try {
    const server = await startServer({
      name: 'RabbitMQ',
      command: '/usr/bin/env',
      args: [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), program.server],
      isReady: () => rabbitIsReady(port),
      startTimeoutMs,
      watchParent: true,
      askToStop: (child) => child.kill('SIGTERM'),
      explain: async (exit, console) => explain(exit, console, port),
      consoleFile: join(dataDir, 'server.log'),
      signal,
    });
    const exited = server.exited.then(async (exit) => {
      await epmd.stop();
      return exit;
    });
    return { ...server, exited, stop: () => server.stop().then(() => epmd.stop()), url: `amqp://127.0.0.1:${port}` };
  } catch (error) {
    await epmd.stop();
    throw error;
  }
}

function startEpmd({ epmd }: RabbitProgram, port: number, signal: AbortSignal | undefined): Promise<EmbeddedServer> {
  return startServer({
    name: 'epmd',
    command: epmd,
    args: ['-port', String(port), '-address', '127.0.0.1'],
    isReady: () => isListening(port),
    startTimeoutMs: 10_000,
    watchParent: true,
    askToStop: (child) => child.kill('SIGTERM'),
    explain: async (exit, console) => new Error(`epmd ended (exit ${exit.code}):\n${console.join('\n')}`),
    signal,
  });
}

function explain(exit: Exit, console: string[], port: number): Error {
  const tail = console.join('\n');
  if (/eaddrinuse/i.test(tail)) return portTaken(port, 'RabbitMQ', 'RABBITMQ_PORT');
  return new Error(`RabbitMQ ended during its start (${exit.signal ?? `exit ${exit.code}`}):\n${tail}`);
}
