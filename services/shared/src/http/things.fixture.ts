/** A service of things, for the tests of what every service does. */
import { once } from 'node:events';
import { z } from 'zod';
import type { VerifyToken } from '../auth/verify-token.ts';
import { type Environment, readSettings } from '../env.ts';
import { DomainError } from '../errors.ts';
import { createLog } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import type { Tracer } from '../tracing/tracer.ts';

import { httpSettings, serve } from './app.ts';

import { type Endpoint, endpoint } from './endpoint.ts';
import { HttpError, NoAnswer } from './problem.ts';

const thing = z.object({ id: z.string() });

const endpoints: Endpoint[] = [
  endpoint({
    method: 'get',
    path: '/v1/things/{id}',
    summary: 'One thing',
    request: { params: z.object({ id: z.string().regex(/^\d+$/, 'must be digits') }), query: z.strictObject({}) },
    responses: { 200: { description: 'It', schema: thing }, 404: { description: 'None' } },
    async handle({ params, requestId, traceparent, note }) {
      note({ thingId: params.id });
      if (params.id === '404')
        throw new DomainError('not-found', { code: 'thing-not-found', detail: 'There is none.' });
      if (params.id === '500') throw new Error('the password is hunter2');
      if (params.id === '503')
        throw new DomainError('unavailable', {
          code: 'down',
          detail: 'Down.',
          retryAfterSeconds: 3,
          cause: new Error('why'),
        });
      if (params.id === '418') throw new HttpError(418, 'teapot', 'Short and stout.', { 'x-tea': 'green' });
      if (params.id === '0') throw new NoAnswer();
      return { status: 200, body: { id: params.id, requestId, traceparent }, headers: { etag: 'W/"1"' } };
    },
  }),
  endpoint({
    method: 'post',
    path: '/v1/things',
    summary: 'Make a thing',
    request: { body: z.strictObject({ name: z.string() }) },
    responses: { 201: { description: 'Made', schema: thing }, 400: { description: 'Malformed' } },
    handle: async ({ body }) => ({ status: 201, body: { id: '1', name: body.name } }),
  }),
  endpoint({
    method: 'delete',
    path: '/v1/things/{id}',
    summary: 'Forget a thing',
    request: { params: z.object({ id: z.string() }) },
    responses: { 204: { description: 'Forgotten' } },
    handle: async () => ({ status: 204 }),
  }),
];

type Line = Readonly<Record<string, unknown>>;

interface ThingsOptions {
  readonly environment?: Environment;
  readonly verifyToken?: VerifyToken;
  readonly tracer?: Tracer;
}

/** Starts it on a free port, unless `environment` says something else. */
export async function startThings({ environment = {}, verifyToken, tracer }: ThingsOptions = {}) {
  const events = new EventTarget();
  const lines: Line[] = [];
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let isWell = true;
  let checks = 0;

  const log = createLog(
    'things-service',
    { logLevel: 'info' },
    {
      write(line) {
        lines.push(JSON.parse(line));
        events.dispatchEvent(new Event('line'));
      },
    },
  );
  const check = async () => {
    checks += 1;
    if (!isWell) throw new Error('the dependency is down');
  };
  const heldEndpoint = endpoint({
    method: 'get',
    path: '/v1/held',
    summary: 'Answers when the test lets it, or says that it was told to end',
    request: {},
    responses: { 200: { description: 'Let go', schema: z.object({ aborted: z.boolean() }) } },
    async handle({ signal }) {
      events.dispatchEvent(new Event('arrival'));
      await held;
      return { status: 200, body: { aborted: signal.aborted } };
    },
  });

  const app = {
    info: { title: 'Things', version: '1', description: 'For tests.' },
    endpoints: [...endpoints, heldEndpoint],
    health: { service: 'things-service', connections: { dependency: check }, ready: { dependency: check }, live: {} },
    registry: createRegistry('things-service'),
    log,
    translate: () => undefined,
    verifyToken,
    ...(tracer && { tracer }),
  };
  const listening = await serve(app, readSettings(httpSettings('0'), { HOST: '127.0.0.1', ...environment }));

  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}`,
    lines,
    /** The first line, past or coming, that has these members. */
    async line(members: Line): Promise<Line> {
      const matches = (line: Line) => Object.entries(members).every(([name, value]) => line[name] === value);
      for (;;) {
        const found = lines.find(matches);
        if (found) return found;
        await once(events, 'line');
      }
    },
    /** Resolves when a request for `/v1/held` arrives. */
    arrival: () => once(events, 'arrival'),
    /** Lets what is held go, now and from now on. */
    release,
    /** How often the dependency was asked. */
    checks: () => checks,
    breakDependency() {
      isWell = false;
    },
    close: () => listening.close(),
  };
}

export type Things = Awaited<ReturnType<typeof startThings>>;
