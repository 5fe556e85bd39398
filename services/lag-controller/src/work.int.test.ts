import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { atOnce } from '@shop/shared/at-once';
import { scalerOf } from './round.fixture.ts';
import { getPage, workReader } from './work.ts';

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

  const linesOf = async (url: string) => {
    const lines: string[] = [];
    await getPage(timeoutMs)(url, (line) => lines.push(line), atOnce(1));
    return lines;
  };

  it('is read whole, packed or not', async () => {
    const text = `é${'x'.repeat(3_000)}é\n`.repeat(100);
    const url = await serve((request, response) => {
      if (request.headers['accept-encoding']?.includes('gzip') !== true) return void response.end();
      response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
    });
    expect(await linesOf(url)).toEqual(text.split('\n'));
  });

  it('is worked on as it comes, so that never a whole one is in memory', async () => {
    let end = () => {};
    const url = await serve((_, response) => {
      response.write('up 1\n');
      end = () => response.end('up 2\n');
    });
    const lines: string[] = [];
    const take = (line: string) => {
      lines.push(line);
      // It has no end before its first line was told.
      end();
    };
    await getPage(timeoutMs)(url, take, atOnce(1));
    expect(lines).toEqual(['up 1', 'up 2', '']);
  });

  it('is read beside 7 others of its scaler at most, and beside 23 of all', async () => {
    const held: ServerResponse[] = [];
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const url = await serve(({ url: path }, response) => {
      if (path === '/metrics') return void response.end();
      held.push(response);
      if (held.length === 24) resolve();
    });
    const readWork = workReader(getPage(timeoutMs));
    const read = (scaler: string, pages: number) =>
      readWork({
        ...scalerOf(scaler),
        metricsUrls: async () => Array.from({ length: pages }, (_, page) => `${url}/${scaler}/${page}`),
      });
    const reads = Promise.all([read('one', 100), ...['two', 'three', 'four'].map((scaler) => read(scaler, 8))]);
    await arrived;
    // By the time that this has its answer, what was sent together with those in hand has arrived too.
    await (await fetch(url)).text();
    expect(held).toHaveLength(24);
    expect(held.filter(({ req }) => req.url?.startsWith('/metrics/one/'))).toHaveLength(8);
    server.closeAllConnections();
    server.close();
    await reads;
  });

  it('is given up in time though it has to wait for others that do not end', async () => {
    const url = await serve(() => {});
    const read = getPage(500);
    const inTurn = atOnce(16);
    const startedAt = performance.now();
    const pages = Array.from({ length: 320 }, (_, page) => read(`${url}/${page}`, () => {}, inTurn));
    const reads = await Promise.allSettled(pages);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(new Set(reads.map(({ status }) => status))).toEqual(new Set(['rejected']));
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
    await expect(linesOf(url)).rejects.toThrow(`${url}: it has more than 2 MB`);
    expect(sentBytes).toBeLessThan(50_000_000);
  });

  it('is given up where it is small only until it is unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000, 'x'));
    expect(packed.length).toBeLessThan(100_000);
    const url = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(packed));
    await expect(linesOf(url)).rejects.toThrow(`${url}: it has more than 2 MB`);
  });

  it('is not looked for elsewhere', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      if (request.url === '/metrics') response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    await expect(linesOf(url)).rejects.toThrow(`${url}: it answered 302`);
    expect(paths).toEqual(['/metrics']);
  });

  it('is a fault with a name where its port is one that fetch refuses', async () => {
    // Fetch, outside of Jest's realm, says why in a cause that cannot be told to be an error in here.
    await expect(linesOf('http://127.0.0.1:10080/metrics')).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:10080\/metrics: .*fetch failed/,
    );
  });
});
