import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Answer, call } from '../../../../scripts/testing/call.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { TokenRefused } from '../auth/verify-token.ts';
import type { Environment } from '../env.ts';
import { startThings, type Things } from './things.fixture.ts';

jest.setTimeout(30_000);

let things: Things;

afterEach(async () => {
  things.release();
  await things.close();
});

const start = async (environment: Environment, withTokens = false) => {
  const verifyToken = async (token: string) => {
    if (token === 'bad') throw new TokenRefused('The token is bad.');
    return { subject: token };
  };
  things = await startThings({ environment, ...(withTokens && { verifyToken }) });
};
const get = (path = '/v1/things/1', headers: Record<string, string> = {}) => call(things.url + path, { headers });
const as = (subject: string) => get('/v1/things/1', { authorization: `Bearer ${subject}` });
const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status);

/** What the service says to a connection that `speak` writes to, once it closes it. */
async function connection(speak: (socket: net.Socket) => unknown): Promise<{ said: string; lastedMs: number }> {
  const startedAt = performance.now();
  const socket = net.connect(things.port, '127.0.0.1');
  socket.on('error', () => {});
  const said = text(socket).catch(() => '');
  await once(socket, 'connect');
  speak(socket);
  return { said: await said, lastedMs: performance.now() - startedAt };
}

/** Says `first`, then a `piece` every 50 ms, for as long as anybody listens. */
const drip = (first: string, piece: string) => async (socket: net.Socket) => {
  socket.write(first);
  while (socket.writable) {
    socket.write(piece);
    await sleep(50);
  }
};

describe('a limit of requests', () => {
  it('tells what is left with each answer, then when there is room again', async () => {
    await start({ RATE_LIMIT: '2', RATE_LIMIT_WINDOW_MS: '60000' });
    const [first, second, third] = [await get(), await get(), await get()];
    expect(statusesOf([first, second, third])).toEqual([200, 200, 429]);
    expect(first.headers.get('ratelimit-policy')).toMatch(/^"2-in-1min"; q=2; w=60; pk=:.+:$/);
    expect(first.headers.get('ratelimit')).toMatch(/^"2-in-1min"; r=1; t=\d+$/);
    expect(third.headers.get('ratelimit')).toMatch(/^"2-in-1min"; r=0; t=\d+$/);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(third.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(third.body.code).toBe('rate-limit');
  });

  it('opens again when its window ends', async () => {
    await start({ RATE_LIMIT: '1', RATE_LIMIT_WINDOW_MS: '1000' });
    expect(statusesOf([await get(), await get()])).toEqual([200, 429]);
    await until('there is room', async () => (await get()).status === 200, 5_000);
  });

  it('does not stop probes, metrics or the description', async () => {
    await start({ RATE_LIMIT: '1' });
    await get();
    const paths = ['/livez', '/readyz', '/metrics', '/openapi.json', '/livez'];
    expect(statusesOf(await Promise.all(paths.map((path) => get(path))))).toEqual(paths.map(() => 200));
  });

  it('is that of the subject of a token, whatever the address', async () => {
    await start({ RATE_LIMIT: '1' }, true);
    expect(statusesOf([await as('alice'), await as('alice'), await as('bob')])).toEqual([200, 429, 200]);
  });

  it('counts tokens that are refused too, by address, so that guessing is slow', async () => {
    await start({ RATE_LIMIT: '2' }, true);
    expect(statusesOf([await as('bad'), await as('bad'), await as('bad'), await as('alice')])).toEqual([
      ...[401, 401, 429, 200],
    ]);
  });

  it('logs the pattern of a path that was refused before what stands in it was checked', async () => {
    await start({ RATE_LIMIT: '2' }, true);
    expect(statusesOf([await as('bad'), await as('alice'), await as('alice'), await as('alice')])).toEqual([
      ...[401, 200, 200, 429],
    ]);
    await call(`${things.url}/v1/things/1`, { method: 'PUT' });
    await things.line({ status: 405 });
    const requests = things.lines.filter(({ msg }) => msg === 'request');
    expect(requests.map(({ status, path }) => [status, path])).toEqual([
      [401, '/v1/things/{id}'],
      [200, '/v1/things/1'],
      [200, '/v1/things/1'],
      [429, '/v1/things/{id}'],
      [405, '/v1/things/{id}'],
    ]);
  });

  it('believes X-Forwarded-For only of proxies that are trusted', async () => {
    const from = (address: string) => get('/v1/things/1', { 'x-forwarded-for': address });
    await start({ RATE_LIMIT: '1' });
    expect(statusesOf([await from('192.0.2.1'), await from('192.0.2.2')])).toEqual([200, 429]);
    await things.close();
    await start({ RATE_LIMIT: '1', TRUSTED_PROXIES: '1' });
    expect(statusesOf([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.2')])).toEqual([
      ...[200, 200, 429],
    ]);
  });

  it('is off unless it is set', async () => {
    await start({});
    const answers = await Promise.all(Array.from({ length: 40 }, () => get()));
    expect(new Set(statusesOf(answers))).toEqual(new Set([200]));
    expect(answers[0]?.headers.has('ratelimit')).toBe(false);
  });
});

describe('a limit of requests in hand', () => {
  it('refuses what is more at once, lets probes through, and takes new ones as soon as there is room', async () => {
    await start({ MAX_REQUESTS_IN_HAND: '1' });
    const arrival = things.arrival();
    const held = get('/v1/held');
    await arrival;
    const refused = await get();
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'too-busy', '1']);
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/metrics')).text).toMatch(/^http_requests_in_hand\{[^}]*\} 1$/m);
    things.release();
    expect((await held).status).toBe(200);
    await until('there is room', async () => (await get()).status === 200, 2_000);
  });

  it('counts no caller who has hung up', async () => {
    await start({ MAX_REQUESTS_IN_HAND: '1' });
    const arrival = things.arrival();
    const hangUp = new AbortController();
    const held = call(`${things.url}/v1/held`, { signal: hangUp.signal }).catch(() => 'hung up');
    await arrival;
    hangUp.abort();
    expect(await held).toBe('hung up');
    await until('there is room', async () => (await get()).status === 200, 2_000);
  });
});

describe('limits of what is sent', () => {
  it('refuse a long address, heads that are too large, and a body that is nested too deep', async () => {
    await start({});
    const long = await get(`/v1/things/1?${'a'.repeat(2_048)}`);
    expect([long.status, long.body.code]).toEqual([414, 'url-too-long']);
    const head = 'GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n';
    const large = await connection((socket) => socket.write(`${head}A: ${'a'.repeat(20_000)}\r\n\r\n`));
    expect(large.said).toMatch(/^HTTP\/1.1 431 /);
    const deep = await call(`${things.url}/v1/things`, { body: `${'['.repeat(20_000)}${']'.repeat(20_000)}` });
    expect([deep.status, deep.body.code]).toEqual([400, 'body-too-deep']);
  });
});

describe('whoever sends slowly', () => {
  const head = 'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  it.each<[string, (socket: net.Socket) => unknown]>([
    ['says nothing', () => undefined],
    ['drips a head', drip(head, 'A: a\r\n')],
    ['drips a body', drip(`${head}Content-Length: 50000\r\n\r\n`, ' ')],
    ['drips a body in chunks', drip(`${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n')],
  ])('and %s is cut off, while others are served', async (_title, speak) => {
    await start({ HEADERS_TIMEOUT_MS: '400', REQUEST_TIMEOUT_MS: '800' });
    const slow = Promise.all(Array.from({ length: 20 }, () => connection(speak)));
    expect((await get()).status).toBe(200);
    for (const { said, lastedMs } of await slow) {
      expect(said).toMatch(/^(HTTP\/1.1 408 |$)/);
      expect(lastedMs).toBeLessThan(2_500);
    }
  });

  it('cannot take more connections than there may be', async () => {
    await start({ MAX_CONNECTIONS: '3' });
    const sockets = Array.from({ length: 3 }, () => net.connect(things.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const { said, lastedMs } = await connection((socket) => socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'));
    expect(said).toBe('');
    expect(lastedMs).toBeLessThan(1_000);
    for (const socket of sockets) socket.destroy();
    await until('there is room', async () => (await get('/livez')).status === 200, 2_000);
  });
});

describe('a caller that does not read', () => {
  it('is cut off when its connection has stood still for as long as was said', async () => {
    await start({ STANDSTILL_TIMEOUT_MS: '500' });
    const path = '/docs/swagger-ui-bundle.js';
    const socket = net.connect(things.port, '127.0.0.1').on('error', () => {});
    // More than a connection holds by itself.
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20));
    expect(await things.line({ path, status: 499 })).toBeDefined();
    socket.destroy();
  });
});
