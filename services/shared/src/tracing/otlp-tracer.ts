/** The only file that knows OpenTelemetry's SDK. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';
import type { TracingValues } from './settings.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { SpanEnd, SpanStart, Tracer, Tracing } from './tracer.ts';

interface Options extends Pick<TracingValues, 'tracesSampler' | 'tracesSamplerShare' | 'spanDelayMs'> {
  readonly service: string;
  readonly url: string;
  readonly log: Logger;
}

const closeTimeoutMs = 2_000;

const kinds: Record<SpanStart['kind'], SpanKind> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

function samplerOf({ tracesSampler, tracesSamplerShare }: Options): Sampler {
  const roots: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(tracesSamplerShare),
  };
  const root = roots[tracesSampler.replace('parentbased_', '')]?.() ?? new AlwaysOnSampler();
  return tracesSampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Tells once that spans are lost, and once that they are not any more: a collector is away for hours, not for moments. */
function telling(exporter: OTLPTraceExporter, log: Logger): SpanExporter {
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error) {
          if (lost === 0) log.warn({ reason: result.error.message }, 'traces cannot be sent; the service goes on');
          lost += spans.length;
        } else if (lost > 0) {
          log.info({ lostSpans: lost }, 'traces are sent again');
          lost = 0;
        }
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

function parentContext(traceparent: string | undefined) {
  const parent = parseTraceparent(traceparent);
  if (!parent) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function tracerOf(provider: TracerProvider): Tracer {
  const tracer = provider.getTracer('@shop/shared');
  return {
    start({ name, kind, attributes }, parent) {
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parentContext(parent));
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }),
        end({ name: endName, attributes: more, error }: SpanEnd = {}) {
          if (endName !== undefined) span.updateName(endName);
          if (more) span.setAttributes({ ...more });
          if (error !== undefined) {
            span.setAttribute('error.type', error);
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
  };
}

/**
 * Spans are gathered and sent in the background, and dropped where the collector can't take them: whoever makes them
 * never waits for it. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win over what is said here.
 */
export function otlpTracer(options: Options): Tracing {
  const { service, url, spanDelayMs, log } = options;
  const ours = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'shop',
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    'process.pid': process.pid,
  });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(ours)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(options),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: telling(new OTLPTraceExporter({ url }), log),
        scheduledDelayMillis: spanDelayMs,
      }),
    ],
  });
  return {
    tracer: tracerOf(provider),
    async close() {
      await Promise.race([provider.shutdown().catch(() => {}), sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}
