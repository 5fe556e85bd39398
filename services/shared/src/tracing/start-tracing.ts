import type { Logger } from '../log.ts';
import { type TracingValues, tracesUrl } from './settings.ts';
import { noTracer, type Tracing } from './tracer.ts';

/** OpenTelemetry where an address of a collector is set; where none is, not even its code is loaded. */
export async function startTracing(service: string, values: TracingValues, log: Logger): Promise<Tracing> {
  const url = tracesUrl(values);
  if (url === undefined) return { tracer: noTracer, close: async () => {} };
  const { otlpTracer } = await import('./otlp-tracer.ts');
  return otlpTracer({ service, url, ...values, log });
}
