import { once } from 'node:events';
import http from 'node:http';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../../scripts/testing/call.ts';
import { killServices, ServiceProcess, startService } from '../../../scripts/testing/service-process.ts';
import { proxyOf, type TcpProxy } from '../../../scripts/testing/tcp-proxy.ts';
import { testDatabase } from '../../../scripts/testing/test-database.ts';
import { until } from '../../../scripts/testing/until.ts';

jest.setTimeout(60_000);

const joao = { name: 'João', email: 'joao@test.com', phone: '11999999999', cpf: '12345678901' };

describe('the clients service', () => {
  let service: ServiceProcess;
  let clients: string;

  beforeAll(async () => {
    service = await startService('clients', { MONGODB_URI: testDatabase() });
    clients = `${service.url}/v1/clients`;
  });

  afterAll(killServices);

  it('creates the client of the walk-through, and reads it back', async () => {
    const { status, body, headers } = await call(clients, { body: joao });
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]{24}$/), ...joao },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(headers.get('location')).toBe(`/v1/clients/${body.id}`);
    const read = await call(`${clients}/${body.id}`);
    expect([read.status, read.body]).toEqual([200, body]);
    expect(read.headers.get('etag')).toBe(`W/"${body.id}"`);
  });

  it('creates it again when it is asked again', async () => {
    const [one, other] = [await call(clients, { body: joao }), await call(clients, { body: joao })];
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(one.body.id).not.toBe(other.body.id);
  });

  it('names what is wrong with a body', async () => {
    const { status, body } = await call(clients, {
      body: { ...joao, cpf: '1', email: 'x', admin: true, phone: undefined },
    });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toEqual([
      { at: '#/email', detail: 'must be an e-mail address' },
      { at: '#/phone', detail: 'is required' },
      { at: '#/cpf', detail: 'must be eleven digits' },
      { at: '#/admin', detail: 'is not known here' },
    ]);
  });

  it('tells a malformed id from an unknown one', async () => {
    const malformed = await call(`${clients}/1`);
    expect([malformed.status, malformed.body.detail]).toEqual([400, 'path id must be 24 hex digits (0-9, a-f).']);
    const unknown = await call(`${clients}/${'0'.repeat(24)}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'client-not-found']);
  });

  it('pages all clients once, newest first, by following the links', async () => {
    const created: string[] = [];
    for (let count = 0; count < 5; count += 1) created.unshift((await call(clients, { body: joao })).body.id);
    const seen: string[] = [];
    let path: string | undefined = '/v1/clients?limit=2';
    while (path !== undefined) {
      const { body, headers } = await call(service.url + path);
      seen.push(...body.items.map(({ id }) => id));
      path = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      expect(body.next === null).toBe(path === undefined);
    }
    expect(seen.slice(0, 5)).toEqual(created);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('refuses a limit, a cursor or a parameter that it does not know', async () => {
    const at = async (query: string) => (await call(`${clients}?${query}`)).body.errors;
    expect(await at('limit=0')).toEqual([{ at: 'query limit', detail: 'must be at least 1' }]);
    expect(await at('limit=101')).toEqual([{ at: 'query limit', detail: 'must be at most 100' }]);
    expect(await at('after=x')).toEqual([{ at: 'query after', detail: 'must be the `next` of another page' }]);
    expect(await at('sort=name')).toEqual([{ at: 'query sort', detail: 'is not known here' }]);
  });

  it('tells its health in the shape that is agreed on, and describes itself', async () => {
    expect((await call(`${service.url}/health`)).body).toEqual({ service: 'clients-service', mongodb: 'connected' });
    const { body } = await call(`${service.url}/openapi.json`);
    await SwaggerParser.validate(JSON.parse(JSON.stringify(body)));
    expect(Object.keys(body.paths as object)).toEqual(['/v1/clients', '/v1/clients/{id}']);
  });

  it('writes nothing personal into its log', async () => {
    await call(clients, { body: { ...joao, cpf: '98765432109x' } });
    await call(clients, { body: joao });
    await call(`${clients}/${joao.cpf}`);
    await call(`${clients}?email=${joao.email}`);
    await service.line(({ path, status }) => path === '/v1/clients/{id}' && status === 400);
    expect(service.output).not.toMatch(/João|joao|11999999999|12345678901|98765432109/);
  });
});

describe('the clients service, when MongoDB fails it', () => {
  let proxy: TcpProxy;
  let uri: string;

  beforeEach(async () => {
    ({ proxy, uri } = await proxyOf(testDatabase()));
  });

  afterEach(async () => {
    await killServices();
    await proxy.close();
  });

  it('answers 503 with Retry-After while it is away, and works again by itself', async () => {
    const service = await startService('clients', { MONGODB_URI: uri });
    await proxy.close();
    for (const answer of [
      await call(`${service.url}/v1/clients`, { body: joao }),
      await call(`${service.url}/v1/clients/${'0'.repeat(24)}`),
      await call(`${service.url}/v1/clients`),
    ])
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'database-unavailable',
        '2',
      ]);
    await until('clients is not ready', async () => (await call(`${service.url}/readyz`)).status === 503, 2_000);
    expect((await call(`${service.url}/health`)).body).toEqual({ service: 'clients-service', mongodb: 'disconnected' });
    expect((await call(`${service.url}/livez`)).status).toBe(200);
    await proxy.open();
    await service.ready();
    expect((await call(`${service.url}/v1/clients`, { body: joao })).status).toBe(201);
    expect(service.output).not.toMatch(/João|joao/);
  });

  it('does not start without it, and says what to do', async () => {
    await proxy.close();
    const service = new ServiceProcess('clients', { MONGODB_URI: uri });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.lines.find(({ level }) => level === 'fatal')).toMatchObject({
      msg: 'could not start',
      reason: expect.stringMatching(/^MongoDB at 127.0.0.1:\d+ cannot be used .*: start it, or set MONGODB_URI/),
    });
  });
});

describe('the life of a service', () => {
  afterEach(killServices);

  const start = (more = {}) => startService('clients', { MONGODB_URI: testDatabase(), ...more });

  it('ends on SIGTERM with 0, after it answered what it had in hand', async () => {
    const service = await start();
    const body = JSON.stringify(joao);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    };
    const request = http.request(`${service.url}/v1/clients`, { method: 'POST', headers });
    request.flushHeaders();
    await once(request, 'continue');
    const exited = service.stop();
    await service.line(({ msg }) => msg === 'stopping');
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.statusCode).toBe(201);
    response.resume();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(service.lines.at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('ends at once on a second signal, with 1', async () => {
    const service = await start({ DRAIN_DELAY_MS: '60000' });
    service.signal('SIGTERM');
    await service.line(({ msg }) => msg === 'stopping');
    service.signal('SIGINT');
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.lines.at(-1)).toMatchObject({ msg: 'stopping at once', why: 'SIGINT' });
  });

  it('is cut off when stopping takes too long, with 1', async () => {
    const service = await start({ DRAIN_DELAY_MS: '60000', SHUTDOWN_TIMEOUT_MS: '100' });
    expect(await service.stop()).toEqual({ code: 1, signal: null });
    expect(service.lines.at(-1)).toMatchObject({ level: 'error', msg: 'stopping took too long' });
  });

  it('ends when the process that started it is gone', async () => {
    const service = await start();
    service.abandon();
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  it('does not start on a port that is taken, and says so in a sentence', async () => {
    const first = await start();
    const second = new ServiceProcess('clients', { MONGODB_URI: testDatabase(), PORT: String(first.port) });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.lines.find(({ level }) => level === 'fatal')).toMatchObject({
      reason: expect.stringMatching(/^Port \d+ is taken: .* PORT/),
    });
    expect(second.errors).toBe('');
  });

  it('tells every fault of its configuration at once, on one line', async () => {
    const service = new ServiceProcess('clients', {
      MONGODB_URI: 'mongodb://u:hunter2@h',
      PORT: '1e9',
      LOG_LEVEL: 'loud',
    });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.errors).toMatch(
      /^The configuration has 3 faults: LOG_LEVEL must be .*; PORT must .*; MONGODB_URI must .*\n$/,
    );
    expect(service.output).not.toContain('hunter2');
  });
});
