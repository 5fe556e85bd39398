import { callEnd, callSpan } from './http-spans.ts';
import type { Tracer } from './tracer.ts';

export interface CallContext {
  /** The path with names in the place of ids. */
  readonly template: string;
  readonly traceparent: string | undefined;
}

export type TracedFetch = (url: string, init: RequestInit, context: CallContext) => Promise<Response>;

/** `fetch` that passes the context on, in a span that ends with the head of the answer. */
export function tracedFetch(tracer: Tracer): TracedFetch {
  return async (url, init, { template, traceparent: parent }) => {
    const { traceparent, end } = tracer.start(callSpan(init.method ?? 'GET', new URL(url), template), parent);
    const headers = new Headers(init.headers);
    if (traceparent !== undefined) headers.set('traceparent', traceparent);
    try {
      const response = await fetch(url, { ...init, headers });
      end(callEnd(response.status));
      return response;
    } catch (error) {
      end({ error: error instanceof Error ? error.name : 'unknown' });
      throw error;
    }
  };
}
