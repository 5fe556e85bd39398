import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { VerifyToken } from '../auth/verify-token.ts';
import { integer, port, type Setting, text, type Values } from '../env.ts';
import { StartError, type TranslateError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Gauge, Histogram, Registry } from '../metrics.ts';
import { requestEnd, requestSpan } from '../tracing/http-spans.ts';
import { newTraceparent, validTraceparent } from '../tracing/traceparent.ts';
import { noTracer, type Tracer } from '../tracing/tracer.ts';
import { admit, identify } from './authenticate.ts';
import { docsRouter } from './docs.ts';
import { drain } from './drain.ts';
import { type Endpoint, handlerOf } from './endpoint.ts';
import { askedOnceASecond, type Health, healthRouter } from './health.ts';
import { httpMetrics } from './http-metrics.ts';
import { jsonBody } from './json-body.ts';
import { limitConcurrency, limitRate, limitSettings, limitUrl } from './limits.ts';
import { aboutOf, logMembers } from './log-members.ts';
import { type ApiInfo, openApi } from './openapi.ts';
import { HttpError, problemHandler } from './problem.ts';

export function httpSettings(defaultPort: string) {
  return {
    port: port('PORT', defaultPort, 'HTTP port; 0 takes a free one'),
    host: text('HOST', '0.0.0.0', 'address to listen on'),
    drainDelayMs: integer(
      'DRAIN_DELAY_MS',
      '0',
      'how long /readyz fails before the port closes; in a cluster, longer than endpoints take to update; callers are told to keep idle connections for a second less',
      [0, 60_000],
    ),
    ...limitSettings,
  } satisfies Record<string, Setting<unknown>>;
}

type HttpSettings = Values<ReturnType<typeof httpSettings>>;

export interface App {
  readonly info: ApiInfo;
  readonly endpoints: readonly Endpoint[];
  /** What is no JSON operation: a page, a stream. Each is told when the service begins to stop. */
  readonly routers?: readonly ((draining: AbortSignal) => Router)[];
  /** Who calls; anybody may where it is left out. What is no JSON operation is open to all, as probes and metrics are. */
  readonly verifyToken?: VerifyToken | undefined;
  readonly health: Health;
  readonly registry: Registry;
  readonly log: Logger;
  readonly translate: TranslateError;
  /** Without one the callers' trace contexts pass through, and nothing is recorded. */
  readonly tracer?: Tracer;
}

const requestIdFormat = /^[\w.:-]{1,128}$/;

/** Accepts the caller's `X-Request-Id` if it is harmless, gives one otherwise, and sends it back. */
const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  response.locals.requestId = given && requestIdFormat.test(given) ? given : randomUUID();
  response.set('x-request-id', response.locals.requestId);
  next();
};

/** The caller's context, if it has one. */
function parentOf(request: Request): string | undefined {
  return validTraceparent(request.get('traceparent'));
}

/** One line, one observation and one span per request. The route, not the path, is the label: paths hold ids. */
function observe(log: Logger, seconds: Histogram<'method' | 'route' | 'status'>, tracer: Tracer): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method } = request;
    const span = tracer.start(requestSpan(method), parentOf(request));
    response.locals.traceparent = span.traceparent ?? newTraceparent();
    response.on('close', () => {
      const durationMs = performance.now() - startedAt;
      const route = response.locals.route as string | undefined;
      const status = response.writableFinished ? response.statusCode : 499;
      // What was not checked, or refused, as an id may be a CPF or an e-mail address: of such a path only the pattern is shown.
      const path = response.locals.isChecked ? request.path : (route ?? request.path);
      seconds.observe({ method, route: route ?? 'unmatched', status: String(status) }, durationMs / 1_000);
      span.end(requestEnd({ method, route, path, status, about: aboutOf(response) }));
      log.info(
        {
          ...logMembers(response),
          method,
          path,
          status,
          durationMs: Math.round(durationMs * 10) / 10,
          ...(response.locals.caller && { caller: response.locals.caller.subject }),
        },
        'request',
      );
    });
    next();
  };
}

/** What stands before every operation, in this order: a caller whose token is refused counts against the limits too. */
function guardsOf({ verifyToken }: App, settings: HttpSettings, inHand: Gauge): RequestHandler[] {
  return [
    limitConcurrency(settings.maxRequestsInHand, inHand),
    ...(verifyToken ? [identify(verifyToken)] : []),
    ...(settings.rateLimit > 0 ? [limitRate(settings)] : []),
    ...(verifyToken ? [admit] : []),
    jsonBody(),
  ];
}

/** As Express writes the path of an endpoint. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function noteRoute(path: string): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = path;
    next();
  };
}

function mount(
  express: Express,
  endpoints: readonly Endpoint[],
  guards: readonly RequestHandler[],
  draining: AbortSignal,
): void {
  const methodsOfPath = new Map<string, string[]>();
  for (const definition of endpoints) {
    const { path, method } = definition;
    methodsOfPath.set(path, [...(methodsOfPath.get(path) ?? []), method.toUpperCase()]);
    express[method](expressPath(path), noteRoute(path), ...guards, handlerOf(definition, draining));
  }
  for (const [path, methods] of methodsOfPath)
    express.all(expressPath(path), noteRoute(path), (request) => {
      throw new HttpError(405, 'method-not-allowed', `${request.method} is not possible here.`, {
        allow: [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', '),
      });
    });
}

/** The Express application of a service, not yet listening. `draining` is aborted when the service begins to stop. */
function createApp(definition: App, settings: HttpSettings, draining: AbortSignal): Express {
  const { info, endpoints, routers = [], verifyToken, registry, log, translate, tracer = noTracer } = definition;
  const health = askedOnceASecond(definition.health);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', settings.trustedProxies);
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(requestId);
  app.use(healthRouter(health, registry, draining));
  const { duration, inHand } = httpMetrics(registry, health.connections);
  app.use(observe(log, duration, tracer));
  app.use(limitUrl);
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
      },
    }),
  );
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  app.use(docsRouter(info.title));
  for (const router of routers) app.use(router(draining));
  const document = openApi(info, endpoints, { hasTokens: verifyToken !== undefined });
  app.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  mount(app, endpoints, guardsOf(definition, settings, inHand), draining);
  app.use((request) => {
    throw new HttpError(404, 'no-such-path', `There is nothing at ${request.path}; /docs lists what there is.`);
  });
  app.use(problemHandler(log, translate));
  return app;
}

export interface Listening {
  readonly port: number;
  /** Fails readiness, waits `drainDelayMs`, then closes the port and waits for the requests in hand, for ten seconds at most. */
  readonly close: () => Promise<void>;
}

/** What most load balancers keep an idle connection for is a minute; a server that closes it sooner loses their request. */
const idleTimeoutMs = 65_000;

/**
 * How long callers are told to keep an idle connection (`keepAliveTimeout`, in whole seconds), and how much longer it is kept
 * for those that do not listen. Where the service drains, callers let go of theirs before that is over: HTTP/1.1 has no
 * way to close an idle connection that a request cannot cross (RFC 9112, 9.3.1 and 9.5).
 */
function keepAlive(drainDelayMs: number) {
  const keepAliveTimeout = drainDelayMs > 0 ? Math.max(1_000, drainDelayMs - 1_000) : idleTimeoutMs;
  return { keepAliveTimeout, keepAliveTimeoutBuffer: Math.max(1_000, idleTimeoutMs - keepAliveTimeout) };
}

/** @throws when the port is taken; the message names it. */
export async function serve(app: App, settings: HttpSettings): Promise<Listening> {
  const draining = new AbortController();
  const { headersTimeoutMs, requestTimeoutMs } = settings;
  const timeouts = {
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    ...keepAlive(settings.drainDelayMs),
    // By default it looks every 30 s, so whoever sends slowly would be held for twice as long as is said here.
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
  };
  const server = createServer(timeouts, createApp(app, settings, draining.signal));
  server.maxConnections = settings.maxConnections;
  // None of the times above runs while an answer is sent: whoever does not read it would keep the connection for ever.
  server.setTimeout(settings.standstillTimeoutMs);
  server.listen(settings.port, settings.host);
  const closeServer = drain(server, draining.signal);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new StartError(`Port ${settings.port} is taken: end what listens there, or set PORT to another one.`);
    throw error;
  });
  const { port: boundPort } = server.address() as AddressInfo;
  app.log.info({ port: boundPort }, 'listening');
  return {
    port: boundPort,
    async close() {
      draining.abort();
      await new Promise((resolve) => setTimeout(resolve, settings.drainDelayMs));
      await closeServer();
    },
  };
}
