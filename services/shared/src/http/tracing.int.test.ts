import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../../../../scripts/testing/call.ts';
import { recordingTracer } from '../tracing/recording-tracer.fixture.ts';
import { startThings, type Things } from './things.fixture.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

describe('a traced request', () => {
  let things: Things;
  let recording: ReturnType<typeof recordingTracer>;
  beforeEach(async () => {
    recording = recordingTracer();
    things = await startThings({ tracer: recording.tracer });
  });
  afterEach(() => things.close());

  /** The span and the log line of a request that is the only one with this status. */
  async function seen(status: number) {
    const line = await things.line({ msg: 'request', status });
    return { line, span: recording.spans.at(-1) };
  }

  it("is a span under the caller's, and hands the handler its own context", async () => {
    const { body } = await call(`${things.url}/v1/things/1`, { headers: { traceparent } });
    const { span, line } = await seen(200);
    expect(span).toMatchObject({
      ...{ kind: 'server', parent: traceparent, attributes: { 'http.request.method': 'GET' } },
      how: {
        name: 'GET /v1/things/{id}',
        error: undefined,
        attributes: { 'http.route': '/v1/things/{id}', 'url.path': '/v1/things/1', 'http.response.status_code': 200 },
      },
    });
    expect(body.traceparent).toBe(span?.traceparent);
    expect(span?.how.attributes).toMatchObject({ thingId: '1' });
    expect(line).toMatchObject({ trace_id: traceId, thingId: '1' });
  });

  it('is none of the caller when what it sent is no context', async () => {
    await call(`${things.url}/v1/things/1`, { headers: { traceparent: 'x' } });
    expect((await seen(200)).span?.parent).toBeUndefined();
  });

  it('failed where the service did, and not where the caller did', async () => {
    await call(`${things.url}/v1/things/503`);
    expect((await seen(503)).span?.how.error).toBe('503');
    await call(`${things.url}/v1/things/404`);
    expect((await seen(404)).span?.how.error).toBeUndefined();
  });

  it('shows no path that may hold what is no id, and no path as its name', async () => {
    await call(`${things.url}/v1/things/joao@test.com`);
    expect((await seen(400)).span?.how.attributes).toMatchObject({ 'url.path': '/v1/things/{id}' });
    await call(`${things.url}/joao`);
    expect((await seen(404)).span?.how.name).toBe('GET');
  });

  it('has its trace and what it is about on every line, also where it fails', async () => {
    await call(`${things.url}/v1/things/500`, { headers: { traceparent } });
    expect(await things.line({ msg: 'request failed' })).toMatchObject({ trace_id: traceId, thingId: '500' });
  });

  it('is none where a probe or Prometheus asks', async () => {
    for (const path of ['/health', '/livez', '/readyz', '/metrics']) await call(things.url + path);
    expect(recording.spans).toEqual([]);
  });
});
