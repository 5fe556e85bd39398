export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanStart {
  /** Of few values: a method and a route's pattern, an operation and a topic. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes: Attributes;
}

export interface SpanEnd {
  /** Where it is known only in the end. */
  readonly name?: string;
  readonly attributes?: Attributes;
  /** The class of what went wrong, of few values: a status, a code. Without one all went well. */
  readonly error?: string | undefined;
}

export interface Span {
  /** For what happens under the span; without tracing that of the parent, as it came. */
  readonly traceparent: string | undefined;
  readonly end: (how?: SpanEnd) => void;
}

/**
 * Makes spans. A context is a `traceparent`, passed on as a value: it has to cross the outbox and Kafka anyway, and so the
 * same way serves inside a process.
 */
export interface Tracer {
  /** A new trace without a parent. */
  readonly start: (span: SpanStart, parent: string | undefined) => Span;
}

/** Tracing switched off: contexts pass through, nothing is recorded. */
export const noTracer: Tracer = {
  start: (_span, parent) => ({ traceparent: parent, end() {} }),
};

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is gathered, for two seconds at most. Never throws. */
  readonly close: () => Promise<void>;
}
