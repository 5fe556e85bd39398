import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../embedded/free-port.ts';
import { requireFreePorts } from './ports.ts';

describe('requireFreePorts', () => {
  const servers: Server[] = [];

  async function listen(host: string): Promise<number> {
    const server = createServer().listen(0, host);
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  const orders = (port: number) => ({ port, owner: 'orders', variable: 'ORDERS_PORT' });

  it.each(['127.0.0.1', '0.0.0.0', '::1'])(
    'names a port that is taken on %s, and the variable that moves it',
    async (host) => {
      const port = await listen(host);
      await expect(requireFreePorts([orders(port)], '127.0.0.1', 0)).rejects.toThrow(
        `Port ${port} for orders is taken: end the program that uses it, or set ORDERS_PORT to a free port.`,
      );
    },
  );

  it('accepts a free one', async () => {
    await expect(requireFreePorts([orders(await freePort())], '0.0.0.0', 0)).resolves.toBeUndefined();
  });

  it('waits for one that is about to be given up', async () => {
    const port = await listen('127.0.0.1');
    const free = requireFreePorts([orders(port)], '127.0.0.1', 10_000);
    const server = servers.pop();
    // It must have been seen taken once: looked at before it was closed.
    setTimeout(() => server?.close(), 500);
    await expect(free).resolves.toBeUndefined();
  });

  it('refuses one port for two', async () => {
    const uses = [orders(4001), { port: 4001, owner: 'clients', variable: 'CLIENTS_PORT' }];
    await expect(requireFreePorts(uses, '127.0.0.1', 0)).rejects.toThrow('ORDERS_PORT and CLIENTS_PORT are both 4001');
  });

  it('names the variable of an address that is not ours', async () => {
    await expect(requireFreePorts([orders(await freePort())], '192.0.2.1', 0)).rejects.toThrow(
      'SHOP_HOST is 192.0.2.1',
    );
  });
});
