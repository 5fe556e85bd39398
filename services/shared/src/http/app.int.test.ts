import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../../../../scripts/testing/call.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { startThings, type Things } from './things.fixture.ts';

describe('the HTTP interface of a service', () => {
  let things: Things;
  let url: string;

  beforeEach(async () => {
    things = await startThings();
    url = things.url;
  });

  afterEach(async () => {
    things.release();
    await things.close();
  });

  /** By node:http, because fetch adds headers of its own. */
  const raw = async (path: string, headers: http.OutgoingHttpHeaders = {}, method = 'GET') => {
    const request = http.request(url + path, { method, headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const text = (await response.toArray()).join('');
    return { status: response.statusCode, headers: response.headers, text };
  };

  describe('answers a faulty request with problem+json', () => {
    const refused = async (path: string, options: Parameters<typeof call>[1]) => {
      const { status, headers, body } = await call(url + path, options);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(body).toMatchObject({ status, type: `urn:shop:problem:${body.code}`, title: expect.any(String) });
      expect(body.instance).toBe(`urn:request:${headers.get('x-request-id')}`);
      return { status, code: body.code, detail: body.detail, at: (body.errors ?? []).map(({ at }) => at) };
    };

    it('where a member is missing, wrong or unknown', async () => {
      expect(await refused('/v1/things', { body: { nam: 'x' } })).toEqual({
        ...{ status: 400, code: 'invalid-request', at: ['#/name', '#/nam'] },
        detail: '#/name is required (and 1 more).',
      });
      expect(await refused('/v1/things', { body: [] })).toMatchObject({ detail: '# must be an object.' });
    });

    it('where the path or the query is wrong', async () => {
      expect(await refused('/v1/things/x?sort=1', {})).toMatchObject({ status: 400, at: ['path id', 'query sort'] });
      expect(await refused('/v1/things/%E0%A4%A', {})).toMatchObject({ status: 400, code: 'bad-request' });
    });

    it('where the body is not JSON, not there, too large or of another type', async () => {
      expect(await refused('/v1/things', { body: '{"name":' })).toMatchObject({ status: 400, code: 'malformed-json' });
      expect(await refused('/v1/things', { body: '"text"' })).toMatchObject({ status: 400, code: 'malformed-json' });
      expect(await refused('/v1/things', { body: { name: 'x'.repeat(65_536) } })).toMatchObject({
        ...{ status: 413, code: 'body-too-large' },
      });
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])
        expect(await refused('/v1/things', { body: '{"name":"x"}', headers: { 'content-type': type } })).toMatchObject({
          ...{ status: 415, code: 'unsupported-media-type' },
        });
      const encoded = { 'content-encoding': 'rot13' };
      expect(await refused('/v1/things', { body: '{}', headers: encoded })).toMatchObject({ status: 415 });
    });

    it('where the body is empty, or not even announced', async () => {
      const headers = { 'content-type': 'application/json' };
      expect(await refused('/v1/things', { method: 'POST', headers })).toMatchObject({ status: 400, at: ['#/name'] });
      const socket = net.connect(things.port, '127.0.0.1');
      socket.write(
        'POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n',
      );
      const text = (await socket.setEncoding('utf8').toArray()).join('');
      expect(text).toMatch(/^HTTP\/1.1 400 .*"detail":"A JSON body is required\."/s);
    });

    it('where there is nothing, or nothing for the method', async () => {
      expect(await refused('/v2', {})).toMatchObject({ status: 404, code: 'no-such-path' });
      expect(await refused('/v1/things', { method: 'PUT', body: {} })).toMatchObject({ status: 405 });
      const { headers } = await call(`${url}/v1/things/1`, { method: 'PATCH', body: {} });
      expect(headers.get('allow')).toBe('GET, DELETE, HEAD');
    });
  });

  it('answers what a handler throws by its kind, and never shows what nobody foresaw', async () => {
    const ids = ['404', '418', '503', '500'];
    const answers = await Promise.all(ids.map((id) => call(`${url}/v1/things/${id}`)));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'thing-not-found'],
      [418, 'teapot'],
      [503, 'down'],
      [500, 'internal-error'],
    ]);
    expect(answers[1]?.headers.get('x-tea')).toBe('green');
    expect(answers[2]?.headers.get('retry-after')).toBe('3');
    expect(answers[3]?.text).not.toContain('hunter2');
    await call(`${url}/v1/things/1`);
    expect(things.lines.filter(({ level }) => level !== 'info')).toMatchObject([
      { level: 'warn', status: 503, code: 'down', reason: 'Down.: why' },
      { level: 'error', status: 500, err: { stack: expect.stringContaining('hunter2') } },
    ]);
  });

  it('cuts the connection where a handler wants no answer', async () => {
    await expect(call(`${url}/v1/things/0`)).rejects.toThrow('fetch failed');
  });

  it('takes a gzipped body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await fetch(`${url}/v1/things`, { method: 'POST', headers, body: gzipSync('{"name":"x"}') });
    expect(answer.status).toBe(201);
  });

  it('sends no body where there is none, and none for HEAD', async () => {
    expect(await raw('/v1/things/1', {}, 'DELETE')).toMatchObject({ status: 204, text: '' });
    expect(await raw('/v1/things/1', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('answers 304 to whoever has that version already', async () => {
    expect(await raw('/v1/things/1', { 'if-none-match': 'W/"1"' })).toMatchObject({ status: 304, text: '' });
    expect(await raw('/v1/things/1', { 'if-none-match': 'W/"2"' })).toMatchObject({ status: 200 });
  });

  it('keeps a harmless request id and the trace of the caller, and makes its own otherwise', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'x-request-id': 'a:b.c-1', traceparent };
    const kept = await call(`${url}/v1/things/1`, { headers });
    expect(kept.body).toMatchObject({ requestId: 'a:b.c-1', traceparent });
    expect(kept.headers.get('x-request-id')).toBe('a:b.c-1');
    const made = await call(`${url}/v1/things/1`, { headers: { 'x-request-id': 'a b', traceparent: 'x' } });
    expect(made.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.body.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('guards its answers with headers, and tells nobody what it runs on', async () => {
    const { headers } = await call(`${url}/v1/things/1`);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    for (const path of ['/v1/things/1', '/health', '/nothing'])
      expect((await call(url + path)).headers.get('x-powered-by')).toBeNull();
  });

  it('writes one line and one observation per request, by route', async () => {
    await call(`${url}/v1/things/1?`);
    await call(`${url}/v1/things/2`);
    await call(`${url}/nothing`);
    expect(things.lines.filter(({ msg }) => msg === 'request')).toMatchObject([
      {
        method: 'GET',
        path: '/v1/things/1',
        status: 200,
        durationMs: expect.any(Number),
        requestId: expect.any(String),
      },
      { path: '/v1/things/2' },
      { path: '/nothing', status: 404 },
    ]);
    const { text } = await call(`${url}/metrics`);
    const counts = text.split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'));
    expect(counts.map((line) => line.replace('service="things-service",', ''))).toEqual([
      'http_request_duration_seconds_count{method="GET",route="/v1/things/{id}",status="200"} 2',
      'http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1',
    ]);
    expect(text).toMatch(/^process_cpu_user_seconds_total\{/m);
  });

  it('logs a caller who hung up as 499', async () => {
    const arrived = things.arrival();
    const controller = new AbortController();
    const request = call(`${url}/v1/held`, { signal: controller.signal });
    await arrived;
    controller.abort();
    await expect(request).rejects.toThrow('aborted');
    expect(await things.line({ status: 499 })).toMatchObject({ path: '/v1/held', msg: 'request' });
  });

  it('tells its health, of which no answer is older than a second', async () => {
    expect((await call(`${url}/health`)).body).toEqual({ service: 'things-service', dependency: 'connected' });
    expect((await call(`${url}/readyz`)).status).toBe(200);
    const up = async () =>
      (await call(`${url}/metrics`)).text.match(/^connection_up\{connection="dependency",[^}]*\} (\d)$/m)?.[1];
    expect(await up()).toBe('1');
    things.breakDependency();
    const brokenAt = performance.now();
    await until('the outage is told', async () => (await call(`${url}/readyz`)).status === 503);
    expect(performance.now() - brokenAt).toBeLessThan(2_000);
    expect((await call(`${url}/health`)).body).toEqual({ service: 'things-service', dependency: 'disconnected' });
    expect(await up()).toBe('0');
    const ready = await call(`${url}/readyz`);
    expect([ready.status, ready.body.failed]).toEqual([503, { dependency: 'the dependency is down' }]);
    expect((await call(`${url}/livez`)).status).toBe(200);
  });

  it('asks its dependencies once however many want to know how it is', async () => {
    const startedAt = performance.now();
    const paths = ['/health', '/readyz', '/metrics'];
    await Promise.all(Array.from({ length: 90 }, (_, index) => call(`${url}${paths[index % 3]}`)));
    // Once a second, and the first time.
    expect(things.checks()).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1_000);
  });

  it('describes itself in valid OpenAPI 3.1', async () => {
    const { body } = await call(`${url}/openapi.json`);
    expect(body.openapi).toBe('3.1.0');
    await SwaggerParser.validate(JSON.parse(JSON.stringify(body)));
    expect(body).toMatchObject({
      paths: {
        '/v1/things/{id}': {
          get: {
            operationId: 'getThingsId',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { pattern: '^\\d+$' } }],
            responses: { 404: { content: { 'application/problem+json': {} } } },
          },
        },
        '/v1/things': {
          post: { requestBody: { content: { 'application/json': { schema: { required: ['name'] } } } } },
        },
      },
    });
  });

  it('serves a page to read and try the API, whole', async () => {
    const page = await raw('/docs');
    expect(page.headers['content-type']).toContain('text/html');
    const assets = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path as string);
    expect(assets).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js']);
    for (const path of assets) {
      const asset = await raw(path);
      expect(asset.status).toBe(200);
      expect(asset.headers['content-type']).toMatch(path.endsWith('.css') ? /^text\/css/ : /javascript/);
    }
    expect((await raw('/docs/swagger-ui-bundle.js')).headers['cache-control']).toContain('max-age=86400');
  });

  it('refuses a port that is taken, in a sentence', async () => {
    await expect(startThings({ environment: { PORT: String(things.port) } })).rejects.toThrow(
      `Port ${things.port} is taken: end what listens there, or set PORT to another one.`,
    );
  });
});
