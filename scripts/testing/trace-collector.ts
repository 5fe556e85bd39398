/** What an OpenTelemetry collector would have got: OTLP over HTTP, as JSON, in this process. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

export interface SeenSpan {
  readonly service: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan extends Pick<SeenSpan, 'name' | 'traceId' | 'spanId'> {
  readonly kind: number;
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code?: number };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

const membersOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Of one request of OTLP over HTTP, as JSON. */
export function spansOf({ resourceSpans }: ExportRequest): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const members = membersOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId = '', attributes, status }) => ({
        service: String(members['service.name']),
        resource: members,
        ...{ name, traceId, spanId, parentSpanId },
        kind: kinds[kind] ?? String(kind),
        attributes: membersOf(attributes),
        failed: status?.code === 2,
      })),
    );
  });
}

export class TraceCollector {
  readonly spans: SeenSpan[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', async (request, response) => {
      const body = (await request.toArray()).join('');
      if (request.url !== '/v1/traces') {
        response.writeHead(404).end();
        return;
      }
      this.spans.push(...spansOf(JSON.parse(body) as ExportRequest));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }

  static async open(): Promise<TraceCollector> {
    const server = createServer();
    const collector = new TraceCollector(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  of(traceId: string): SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  /** The spans of a trace, as soon as one of each name is there. */
  trace(traceId: string, names: readonly string[]): Promise<SeenSpan[]> {
    return until(`a trace with ${names.join(', ')}`, () => {
      const found = this.of(traceId);
      return names.every((name) => found.some((span) => span.name === name)) && found;
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A trace as an indented list of `service: name`, children in the order of their names. */
export function treeOf(spans: readonly SeenSpan[], parentSpanId: string, depth = 0): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap(({ service, kind, name, spanId }) => [
      `${'  '.repeat(depth)}${service} ${kind} ${name}`,
      ...treeOf(spans, spanId, depth + 1),
    ]);
}
