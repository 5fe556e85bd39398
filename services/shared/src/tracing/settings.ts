import { flag, fraction, httpUrl, integer, oneOf, optional, type Values } from '../env.ts';

/** Under the names that OpenTelemetry gives them. What else it knows of exporters and resources is read by its own SDK. */
export const tracingSettings = {
  otlpEndpoint: optional(
    httpUrl(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      undefined,
      'where an OpenTelemetry collector is (OTLP over HTTP): switches tracing on',
    ),
  ),
  otlpTracesEndpoint: optional(
    httpUrl('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', undefined, 'the same for traces alone, with the path'),
  ),
  otelDisabled: flag('OTEL_SDK_DISABLED', 'false', 'switches tracing off, whatever else says'),
  tracesSampler: oneOf('OTEL_TRACES_SAMPLER', 'parentbased_always_on', 'which requests are traced', [
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ]),
  tracesSamplerShare: fraction('OTEL_TRACES_SAMPLER_ARG', '1', 'share of the traces, for the samplers by ratio'),
  spanDelayMs: integer(
    'OTEL_BSP_SCHEDULE_DELAY',
    '5000',
    'how long spans are gathered before they are sent',
    [10, 60_000],
  ),
};

export type TracingValues = Values<typeof tracingSettings>;

/** Where spans are sent; `undefined` when tracing is off. */
export function tracesUrl({
  otlpEndpoint,
  otlpTracesEndpoint,
  otelDisabled,
}: Pick<TracingValues, 'otlpEndpoint' | 'otlpTracesEndpoint' | 'otelDisabled'>): string | undefined {
  if (otelDisabled) return undefined;
  return otlpTracesEndpoint ?? (otlpEndpoint && `${otlpEndpoint}/v1/traces`);
}
