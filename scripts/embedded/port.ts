import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { SetupError } from './setup-error.ts';

const host = '127.0.0.1';

/** A port on 127.0.0.1 that was free a moment ago; nothing keeps it reserved. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @throws SetupError naming the port and the variable that moves it, when something listens on it. */
export async function requireFreePort(port: number, owner: string, variable: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw portTaken(port, owner, variable);
    if (code === 'EACCES') {
      throw new SetupError(`Port ${port} for ${owner} may not be opened: set ${variable} to a port above 1023.`);
    }
    throw error;
  }
  server.close();
  await once(server, 'close');
}

/** The error for a port that another program holds. */
export function portTaken(port: number, owner: string, variable: string): SetupError {
  return new SetupError(
    `Port ${port} for ${owner} is taken: end the program that uses it, or set ${variable} to a free port.`,
  );
}
