import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../embedded/free-port.ts';

const root = join(import.meta.dirname, '../..');
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;

/** For whoever wants to know where the time goes: a folder that gets a profile of each process. */
const { BENCH_PROFILES } = process.env;
const profiling = BENCH_PROFILES ? ['--cpu-prof', `--cpu-prof-dir=${BENCH_PROFILES}`] : [];

/** A Node process that is part of a measurement. It ends with this process. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** A process that answers HTTP. */
export interface Server extends Running {
  readonly port: number;
  readonly url: string;
  /** From its start to the first time it called itself ready. */
  readonly readyMs: number;
}

interface Program {
  readonly name: string;
  /** From the root of the repository. */
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes, as to a log file in production: nobody here reads it line by line. */
  readonly logFolder: string;
}

export function start({ name, script, env = {}, logFolder }: Program): Running {
  mkdirSync(logFolder, { recursive: true });
  const log = openSync(join(logFolder, `${name}.log`), 'a');
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(join(root, script), {
    execArgv: ['--disable-warning=ExperimentalWarning', ...profiling],
    env: { PATH, HOME, HOST: '127.0.0.1', NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  return {
    child,
    pid: child.pid as number,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(late);
    },
  };
}

/** @throws when the process ends, or is not ready in time; its log has the reason */
export async function startServer(program: Program): Promise<Server> {
  const port = await freePort();
  const startedAt = performance.now();
  const running = start({ ...program, env: { ...program.env, PORT: String(port) } });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    const { exitCode, signalCode } = running.child;
    if (exitCode !== null || signalCode !== null || performance.now() - startedAt > readyTimeoutMs) {
      await running.stop();
      throw new Error(`${program.name} was not ready: see ${join(program.logFolder, `${program.name}.log`)}`);
    }
    await sleep(10);
  }
  return { ...running, port, url, readyMs: performance.now() - startedAt };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  await answer?.text();
  return answer?.ok ?? false;
}

/** One question to a process that answers each message with one. */
export async function ask<Answer>({ child }: Running, question: unknown): Promise<Answer> {
  const gone = new AbortController();
  const ended = once(child, 'exit', { signal: gone.signal }).then(() => {
    throw new Error('the process ended without an answer');
  });
  const answered = once(child, 'message', { signal: gone.signal });
  child.send(question as object);
  try {
    const [answer] = await Promise.race([answered, ended]);
    return answer as Answer;
  } finally {
    ended.catch(() => undefined);
    answered.catch(() => undefined);
    gone.abort();
  }
}
