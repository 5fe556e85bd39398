import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { readLines } from './run.ts';
import { startServer } from './server-process.ts';

const timeoutMs = 60_000;
let folder: string;
let parent: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-process-'));
});

afterEach(async () => {
  parent?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Runs the statements as a script of its own, and resolves with the number that it prints: a process id. */
async function script(body: string): Promise<number> {
  const source = `import { startKafka } from './kafka.ts';
import { startMongo } from './mongo.ts';
import { startServer } from './server-process.ts';
${body}`;
  const args = ['--input-type=module-typescript', '--eval', source];
  parent = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  const { stdout } = parent;
  if (stdout === null) throw new Error('no pipe');
  return new Promise((resolve, reject) => {
    readLines(stdout, (line) => /^\d+$/.test(line) && resolve(Number(line)));
    parent?.once('exit', (code) => reject(new Error(`the script ended with ${code}`)));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect').then(
    () => !socket.destroy().connecting,
    () => false,
  );
}

describe('startServer', () => {
  it.each([
    ['Kafka', 'const server = await startKafka({ port: PORT, dataDir: FOLDER });'],
    ['MongoDB', "const server = await startMongo({ port: PORT, dataDir: FOLDER, kind: 'mongo-java-server' });"],
  ])(
    'leaves no %s behind when its script is killed',
    async (_name, start) => {
      const port = await freePort();
      const body = start.replace('PORT', String(port)).replace('FOLDER', JSON.stringify(folder));
      const pid = await script(`${body}\nconsole.log(server.pid);`);
      expect(await listens(port)).toBe(true);
      parent?.kill('SIGKILL');
      await isGone(pid);
      expect(await listens(port)).toBe(false);
    },
    timeoutMs,
  );

  it(
    'ends a server that ignores its standard input when its script is killed',
    async () => {
      const pid = await script(`const server = await startServer({
      name: 'sleep', command: 'sleep', args: ['600'], watchParent: true, isReady: async () => true,
      startTimeoutMs: 1000, askToStop: () => {}, explain: async () => new Error('ended'),
    });
    console.log(server.pid);`);
      expect(isAlive(pid)).toBe(true);
      parent?.kill('SIGKILL');
      await isGone(pid);
    },
    timeoutMs,
  );

  it('explains an end during the start with the last lines of the console', async () => {
    const starting = startServer({
      name: 'sh',
      command: 'sh',
      args: ['-c', 'echo one; echo two >&2; exit 3'],
      isReady: async () => false,
      startTimeoutMs: 5000,
      askToStop: () => {},
      explain: async (exit, console) => new Error(`${exit.code}: ${[...console].sort().join(' ')}`),
    });
    await expect(starting).rejects.toThrow('3: one two');
  });

  it('gives up a server that does not get ready in time, and leaves no process', async () => {
    let pid = 0;
    const starting = startServer({
      name: 'A sleeper',
      command: 'sh',
      args: ['-c', 'echo $$; exec sleep 600'],
      isReady: async () => false,
      startTimeoutMs: 300,
      askToStop: () => {},
      explain: async () => new Error('ended'),
      onOutput: (line) => {
        pid = Number(line);
      },
    });
    await expect(starting).rejects.toThrow('A sleeper was not ready after 0.3 s');
    expect(isAlive(pid)).toBe(false);
  });

  it('ends a server whose start is given up', async () => {
    const gone = new AbortController();
    let pid = 0;
    const starting = startServer({
      name: 'A sleeper',
      command: 'sh',
      args: ['-c', 'echo $$; exec sleep 600'],
      isReady: async () => false,
      startTimeoutMs: 5000,
      askToStop: () => {},
      explain: async () => new Error('ended'),
      onOutput: (line) => {
        pid = Number(line);
        gone.abort(new Error('not any more'));
      },
      signal: gone.signal,
    });
    await expect(starting).rejects.toThrow('not any more');
    expect(isAlive(pid)).toBe(false);
  });

  it('explains a program that cannot be started at all', async () => {
    const starting = startServer({
      name: 'nothing',
      command: join(folder, 'nothing'),
      args: [],
      isReady: async () => false,
      startTimeoutMs: 5000,
      askToStop: () => {},
      explain: async (_exit, console) => new Error(console.join()),
    });
    await expect(starting).rejects.toThrow(/ENOENT/);
  });
});
