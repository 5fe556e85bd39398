import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './setup-error.ts';

const host = '127.0.0.1';

/**
 * Below the range that operating systems take outgoing ports from: a client that keeps connecting to a stopped server
 * could otherwise be given the very port, connect to itself, and keep the server from coming back.
 */
const lowest = 20_000;
const highest = 26_999;

const reservations = join(tmpdir(), 'shop-ports');

/**
 * A port on 127.0.0.1 that nothing listens on now, and that no other living process was given by this function: several
 * test files run at once, and some keep a port for a server that they stop and start.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest + 1);
    if ((await reserve(port)) && (await listenError(port)) === undefined) return port;
  }
}

/** A file named after the port holds the id of the process it was given to; that of a process that has ended is void. */
async function reserve(port: number): Promise<boolean> {
  const file = join(reservations, String(port));
  await mkdir(reservations, { recursive: true });
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isAlive(Number(await readFile(file, 'utf8').catch(() => '')))) return false;
  await rm(file, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @throws SetupError naming the port and the variable that moves it, when the port cannot be listened on. */
export async function requireFreePort(port: number, owner: string, variable: string): Promise<void> {
  const error = await listenError(port);
  if (error === undefined) return;
  if (error.code === 'EADDRINUSE') throw portTaken(port, owner, variable);
  if (error.code === 'EACCES') {
    throw new SetupError(`Port ${port} for ${owner} may not be opened: set ${variable} to a port above 1023.`);
  }
  throw error;
}

/** The error for a port that another program holds. */
export function portTaken(port: number, owner: string, variable: string): SetupError {
  return new SetupError(
    `Port ${port} for ${owner} is taken: end the program that uses it, or set ${variable} to a free port.`,
  );
}

async function listenError(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
