import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLines } from './run.ts';

const probeIntervalMs = 40;
const keptLines = 30;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A server in a process of its own. It ends when this process ends, in whatever way that is. */
export interface EmbeddedServer {
  pid: number;
  /** Resolves when the process is gone, for whatever reason. Never rejects. */
  exited: Promise<Exit>;
  /** Ends it in order; SIGKILL if that takes longer than 20 s. Safe to call again, and after it ended by itself. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. Await `exited` before the next start on the same port or folder. */
  kill(): void;
}

export interface ServerCommand {
  /** For people: `Kafka`. */
  name: string;
  command: string;
  args: string[];
  /** True once the server really serves. Asked until it is, the process ends, or `startTimeoutMs` passes. */
  isReady: () => Promise<boolean>;
  startTimeoutMs: number;
  /** True for a server that does not itself end when its standard input is closed. */
  watchParent?: boolean;
  /** Tells the server to end in order. */
  askToStop: (child: ChildProcess) => void;
  /** Turns an end during start-up into an error; gets the last lines of the console. */
  explain: (exit: Exit, console: string[]) => Promise<Error>;
  /** Where the console is kept too, for servers that log nowhere else. */
  consoleFile?: string;
  onOutput?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const stopTimeoutMs = 20_000;

/**
 * Starts a server and resolves when it is ready.
 * @throws what `explain` makes of it when the process ends first; the signal's reason when that is aborted.
 * In both cases the process is gone before the promise rejects.
 */
export async function startServer(options: ServerCommand): Promise<EmbeddedServer> {
  options.signal?.throwIfAborted();
  // A process group of its own: Ctrl-C in a terminal reaches only the script, which then stops its servers in order.
  const child = spawn(options.command, options.args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => {});
  const console: string[] = [];
  const file = options.consoleFile === undefined ? undefined : createWriteStream(options.consoleFile, { flags: 'a' });
  child.once('close', () => file?.end());
  if (options.watchParent) endWithParent(child);
  const keep = (line: string) => {
    file?.write(`${line}\n`);
    console.push(line);
    if (console.length > keptLines) console.shift();
    options.onOutput?.(line);
  };
  readLines(child.stdout, keep);
  readLines(child.stderr, keep);

  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      exit = { code, signal };
      resolve(exit);
    };
    child.once('close', end);
    child.once('error', (error) => {
      keep(error.message);
      if (child.pid === undefined) end(null, null);
    });
  });
  try {
    await ready(options, exited, () => exit !== undefined);
  } catch (error) {
    child.kill('SIGKILL');
    const end = await exited;
    throw error instanceof Ended ? await options.explain(end, console) : error;
  }
  return {
    pid: child.pid as number,
    exited,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      if (exit !== undefined) return;
      options.askToStop(child);
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * A shell that reads from this process until it is gone, and then ends the server: the pipe is closed by the operating
 * system, so SIGKILL is no exception.
 */
function endWithParent(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const script = 'read -r _; kill -TERM "$1"';
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Killed before its pipe is closed, or it would signal a process id that may belong to somebody else by now.
  child.once('exit', () => watcher.kill('SIGKILL'));
}

class Ended extends Error {}

async function ready(options: ServerCommand, exited: Promise<Exit>, hasEnded: () => boolean): Promise<void> {
  const deadline = performance.now() + options.startTimeoutMs;
  while (!(await options.isReady())) {
    options.signal?.throwIfAborted();
    if (hasEnded()) throw new Ended();
    if (performance.now() > deadline) {
      throw new Error(`${options.name} was not ready after ${options.startTimeoutMs / 1000} s`);
    }
    await Promise.race([exited, sleep(probeIntervalMs)]);
  }
  if (hasEnded()) throw new Ended();
}
