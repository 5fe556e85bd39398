import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noTracer } from '../tracing/tracer.ts';
import { type Call, type CallRequest, callsWith } from './call.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a call of another service', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
  let ask: (request?: Partial<CallRequest>) => ReturnType<Call>;

  beforeEach(async () => {
    server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/things`;
    const call = callsWith(noTracer);
    ask = (request) => call({ url, template: '/things', traceparent: undefined, timeoutMs: 5_000, ...request });
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('sends method, headers, body and the context of the trace, and gives what was answered', async () => {
    answer = async (request, response) => {
      const { method, headers } = request;
      const said = { method, type: headers['content-type'], trace: headers.traceparent, body: await text(request) };
      response.writeHead(201, { 'retry-after': '7' }).end(JSON.stringify(said));
    };
    const headers = { 'content-type': 'text/plain' };
    const { status, ok, header, json } = await ask({ method: 'POST', headers, body: 'ação', traceparent });
    expect({ status, ok, wait: header('retry-after') }).toEqual({ status: 201, ok: true, wait: '7' });
    expect(json()).toEqual({ method: 'POST', type: 'text/plain', trace: traceparent, body: 'ação' });
  });

  it.each([302, 404, 503])('takes %d for an answer', async (status) => {
    answer = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end();
    await expect(ask()).resolves.toMatchObject({ status, ok: false });
  });

  it('gives up a server that does not answer, and one that never ends its answer', async () => {
    answer = () => undefined;
    await expect(ask({ timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms');
    answer = (_, response) => response.writeHead(200).write('{');
    await expect(ask({ timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms');
  });

  it('gives up an answer that is far too long', async () => {
    answer = (_, response) => response.end('x'.repeat(2_000_000));
    await expect(ask()).rejects.toThrow(/exceeded|size/i);
  });

  it('goes on over new connections when the server has closed the old ones', async () => {
    answer = (_, response) => response.end('{}');
    await ask();
    server.closeAllConnections();
    await expect(ask()).resolves.toMatchObject({ ok: true });
  });
});
