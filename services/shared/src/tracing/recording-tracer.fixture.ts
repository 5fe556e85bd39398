import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { SpanEnd, SpanStart, Tracer } from './tracer.ts';

export interface RecordedSpan extends SpanStart {
  readonly parent: string | undefined;
  readonly traceparent: string;
  readonly how: SpanEnd;
}

/** Keeps its spans, in the order of their ends: for tests. */
export function recordingTracer(): { readonly tracer: Tracer; readonly spans: readonly RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  let started = 0;
  const tracer: Tracer = {
    start(span, parent) {
      started += 1;
      const { traceId, sampled } = parseTraceparent(parent) ?? { traceId: '1'.padStart(32, 'b'), sampled: true };
      const traceparent = formatTraceparent({ traceId, spanId: String(started).padStart(16, '0'), sampled });
      return { traceparent, end: (how = {}) => void spans.push({ ...span, parent, traceparent, how }) };
    },
  };
  return { tracer, spans };
}
