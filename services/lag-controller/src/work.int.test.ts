import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { getPage } from './work.ts';

const timeoutMs = 5_000;
const megabyte = Buffer.alloc(1_000_000, 'x');

describe('the page of a consumer', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  };

  const sizeOf = async (url: string) => (await getPage(timeoutMs)(url)).length;

  it('is read whole, packed or not', async () => {
    const text = `é${'x'.repeat(300_000)}é`;
    const url = await serve((request, response) => {
      if (request.headers['accept-encoding']?.includes('gzip') !== true) return void response.end();
      response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
    });
    expect(await getPage(timeoutMs)(url)).toBe(text);
  });

  it('is given up where it does not end, before it fills the memory', async () => {
    let sentBytes = 0;
    const url = await serve((_, response) => {
      const send = () => {
        while (!response.destroyed && sentBytes < 200_000_000) {
          sentBytes += megabyte.length;
          if (!response.write(megabyte)) return;
        }
        response.end();
      };
      response.on('drain', send);
      send();
    });
    await expect(sizeOf(url)).rejects.toThrow(`${url}: it has more than 5 MB`);
    expect(sentBytes).toBeLessThan(50_000_000);
  });

  it('is given up where it is small only until it is unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000, 'x'));
    expect(packed.length).toBeLessThan(100_000);
    const url = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(packed));
    await expect(sizeOf(url)).rejects.toThrow(`${url}: it has more than 5 MB`);
  });

  it('is not looked for elsewhere', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      if (request.url === '/metrics') response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    await expect(getPage(timeoutMs)(url)).rejects.toThrow(`${url}: it answered 302`);
    expect(paths).toEqual(['/metrics']);
  });

  it('is a fault with a name where its port is one that fetch refuses', async () => {
    // Fetch, outside of Jest's realm, says why in a cause that cannot be told to be an error in here.
    await expect(getPage(timeoutMs)('http://127.0.0.1:10080/metrics')).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:10080\/metrics: .*fetch failed/,
    );
  });
});
