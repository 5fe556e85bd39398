import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { readLines } from '../embedded/run.ts';
import { type Alert, alertOf, listeningPort, tellingLine } from './log-line.ts';
import type { Program, Running } from './supervisor.ts';

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 12_000;
const keptLines = 30;

export interface ServiceCommand {
  readonly name: string;
  /** Path of its main.ts. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `name.log` goes; that of the run before is kept as `name.previous.log`. */
  readonly logFolder: string;
  /** Gets each warning or worse. */
  readonly onAlert: (name: string, alert: Alert) => void;
}

/** A service as a program that can be supervised. Replicas beyond the first take a free port, and a log file of their own. */
export function serviceProgram(command: ServiceCommand): Program {
  const logs = new Map<string, WriteStream>();
  return {
    name: command.name,
    start(replica, signal) {
      const label = replica === 1 ? command.name : `${command.name}-${replica}`;
      const log = logs.get(label) ?? openLog(command.logFolder, label);
      logs.set(label, log);
      const env = replica === 1 ? command.env : { ...command.env, PORT: '0' };
      return startService({ ...command, name: label, env }, log, signal);
    },
  };
}

function openLog(folder: string, name: string): WriteStream {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.log`);
  try {
    renameSync(file, join(folder, `${name}.previous.log`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return createWriteStream(file);
}

async function startService(command: ServiceCommand, log: WriteStream, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted();
  // A process group of its own: Ctrl-C in a terminal reaches only the supervisor, which stops its services in order.
  // The channel tells the service when the supervisor is gone without having stopped it.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command.script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...command.env, SHUTDOWN_TIMEOUT_MS: String(stopTimeoutMs - 2_000) },
    detached: true,
  });
  const listening = Promise.withResolvers<number>();
  const tail: string[] = [];
  const onLine = (line: string) => {
    log.write(`${line}\n`);
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
    const alert = alertOf(line);
    if (alert) command.onAlert(command.name, alert);
    const port = listeningPort(line);
    if (port !== undefined) listening.resolve(port);
  };
  if (child.stdout) readLines(child.stdout, onLine);
  if (child.stderr) readLines(child.stderr, onLine);
  const ended = endOf(child, tail);
  const kill = () => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  try {
    const port = await ready(command.env.HOST, listening.promise, ended);
    return { pid: child.pid as number, port, ended, kill, stop: () => stop(child, ended) };
  } catch (error) {
    kill();
    await ended;
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function endOf(child: ChildProcess, tail: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    // Not 'exit': the last lines may still be on their way then.
    child.once('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
      const last = tellingLine(code === 0 || signal ? tail.slice(-1) : tail);
      resolve(last === '' ? how : `${how}; it last said: ${last}`);
    });
  });
}

/** @returns the port that it answers on */
async function ready(host: string | undefined, listening: Promise<number>, ended: Promise<string>): Promise<number> {
  let over: Error | undefined;
  const failed = Promise.race([
    ended.then((how) => new Error(how)),
    new Promise<Error>((resolve) => {
      setTimeout(() => resolve(new Error(`was not ready after ${readyTimeoutMs / 1_000} s`)), readyTimeoutMs).unref();
    }),
  ]).then((error) => {
    over = error;
    throw error;
  });
  const port = await Promise.race([listening, failed]);
  const address = host === undefined || host === '0.0.0.0' ? '127.0.0.1' : host;
  while (!over) {
    if (await answersOk(address, port)) return port;
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  throw over;
}

function answersOk(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/readyz', agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), stopTimeoutMs);
  await ended;
  clearTimeout(timer);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
