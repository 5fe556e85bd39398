import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { SetupError } from '../embedded/setup-error.ts';

export interface PortUse {
  readonly port: number;
  /** Who will listen there. */
  readonly owner: string;
  /** The environment variable that moves it. */
  readonly variable: string;
}

/**
 * Makes sure that nobody listens on these ports. `patienceMs` is how long to wait for a port that is about to be given up.
 * @throws SetupError naming the port and the variable that moves it.
 */
export async function requireFreePorts(uses: readonly PortUse[], host: string, patienceMs: number): Promise<void> {
  for (const [index, use] of uses.entries()) {
    const other = uses.slice(0, index).find(({ port }) => port === use.port);
    if (other)
      throw new SetupError(
        `${other.variable} and ${use.variable} are both ${use.port}: give one of them another port.`,
      );
  }
  const deadline = performance.now() + patienceMs;
  await Promise.all(uses.map((use) => requireFree(use, host, deadline)));
}

async function requireFree({ port, owner, variable }: PortUse, host: string, deadline: number): Promise<void> {
  for (;;) {
    const fault = await portFault(port, host);
    if (fault === undefined) return;
    if (fault === 'forbidden')
      throw new SetupError(`Port ${port} for ${owner} may not be opened: set ${variable} to a port above 1023.`);
    if (fault === 'no-such-host')
      throw new SetupError(`SHOP_HOST is ${host}, which is no address of this machine: leave it out, or use 0.0.0.0.`);
    if (performance.now() > deadline)
      throw new SetupError(
        `Port ${port} for ${owner} is taken: end the program that uses it, or set ${variable} to a free port.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

type PortFault = 'taken' | 'forbidden' | 'no-such-host';

/** Binding alone would miss a listener on the other loopback address, which `localhost` in a browser may mean. */
async function portFault(port: number, host: string): Promise<PortFault | undefined> {
  const answered = await Promise.all([answers(port, '127.0.0.1'), answers(port, '::1')]);
  if (answered.includes(true)) return 'taken';
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return 'taken';
    if (code === 'EACCES') return 'forbidden';
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'no-such-host';
    throw error;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(500, () => end(false));
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
