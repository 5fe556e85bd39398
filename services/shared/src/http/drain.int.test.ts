import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Client } from 'undici';
import { call } from '../../../../scripts/testing/call.ts';
import { inTime } from '../../../../scripts/testing/in-time.ts';
import { drain } from './drain.ts';
import { startThings } from './things.fixture.ts';

/** Whether the port takes connections. */
async function reaches(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('stopping', () => {
  it('answers the request in hand, told to end, and closes its connection though it is kept alive', async () => {
    const things = await startThings();
    const agent = new http.Agent({ keepAlive: true });
    const arrived = things.arrival();
    const request = http.get(`${things.url}/v1/held`, { agent });
    await arrived;
    const closed = things.close();
    // Let go only when the port is closed, or the answer could win a race that it must not depend on.
    while (await reaches(things.port));
    things.release();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect((await response.toArray()).join('')).toBe('{"aborted":true}');
    expect(response.headers.connection).toBe('close');
    await closed;
  });

  it('does not wait for connections that bring no request, idle, opened in advance or half sent', async () => {
    const things = await startThings();
    const idle = new http.Agent({ keepAlive: true });
    const used = http.get(`${things.url}/v1/things/1`, { agent: idle });
    const [response] = (await once(used, 'response')) as [http.IncomingMessage];
    await response.toArray();
    // The service closes this connection too; a reset that comes before the agent has taken it back is told here.
    used.on('error', () => {});
    const sockets = ['', 'GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n'].map((text) => {
      const socket = net.connect(things.port, '127.0.0.1', () => socket.write(text));
      return socket.on('error', () => {});
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const ended = sockets.map((socket) => new Promise((resolve) => socket.resume().on('close', resolve)));
    // Held by one of them it would take ten seconds.
    await inTime(5_000, things.close());
    await Promise.all(ended);
  });

  it('has callers let go of idle connections before it closes them, so that no request is on its way on one', async () => {
    const things = await startThings({ environment: { DRAIN_DELAY_MS: '4000' } });
    const caller = new Client(things.url);
    const { headers, body } = await caller.request({ method: 'GET', path: '/v1/things/1' });
    await body.text();
    const closed = things.close();
    await once(caller, 'disconnect');
    const isOpen = await reaches(things.port);
    await closed;
    expect([headers['keep-alive'], isOpen]).toEqual(['timeout=3', true]);
  });

  it('keeps idle connections for longer than it says, for load balancers that do not listen', async () => {
    const things = await startThings({ environment: { DRAIN_DELAY_MS: '1000' } });
    const socket = net.connect(things.port, '127.0.0.1');
    const ask = async () => {
      socket.write('GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    };
    const told = await ask();
    // What Node adds by itself is a second.
    const isClosed = await Promise.race([once(socket, 'close').then(() => true), wait(2_500, false)]);
    const later = isClosed || (await ask());
    socket.destroy();
    await things.close();
    expect(told).toContain('Keep-Alive: timeout=1\r\n');
    expect(later).toContain('200 OK');
  });

  it('fails readiness first, and goes on serving for as long as it was told', async () => {
    const things = await startThings({ environment: { DRAIN_DELAY_MS: '3000' } });
    const startedAt = Date.now();
    const closed = things.close();
    const ready = await call(`${things.url}/readyz`);
    expect([ready.status, ready.body.failed]).toEqual([503, { shutdown: 'the service is stopping' }]);
    const served = await call(`${things.url}/v1/things/1`);
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
    await closed;
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_995);
    await expect(call(`${things.url}/v1/things/1`)).rejects.toThrow('fetch failed');
  });

  it('answers a request that comes on a connection opened just before the port closed', async () => {
    const things = await startThings();
    const socket = net.connect(things.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    const closed = things.close();
    while (await reaches(things.port));
    socket.write('GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = (await socket.toArray()).join('');
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n/is);
  });

  it('is not held by a caller that does not read its answer', async () => {
    const server = http.createServer((_request, response) => response.write(Buffer.alloc(50_000_000)));
    const close = drain(server, new AbortController().signal, 200);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(server, 'request');
    await close();
    socket.destroy();
  });
});
