/** Names and attributes of HTTP spans, as OpenTelemetry's semantic conventions have them (stable since 1.23). */
import type { SpanEnd, SpanStart } from './tracer.ts';

/** A request that came in. What its path was and how it ended is told by {@link requestEnd}. */
export function requestSpan(method: string): SpanStart {
  return { name: method, kind: 'server', attributes: { 'http.request.method': method, 'url.scheme': 'http' } };
}

export interface AnsweredRequest {
  readonly method: string;
  /** The pattern; `undefined` where none matched. */
  readonly route: string | undefined;
  /** As it may be shown. */
  readonly path: string;
  /** 499 for a caller who hung up. */
  readonly status: number;
  /** What the handler said the request is about. */
  readonly about: Readonly<Record<string, string>>;
}

const hungUp = 499;

export function requestEnd({ method, route, path, status, about }: AnsweredRequest): SpanEnd {
  return {
    name: route === undefined ? method : `${method} ${route}`,
    attributes: {
      'http.route': route,
      'url.path': path,
      'http.response.status_code': status === hungUp ? undefined : status,
      ...about,
    },
    // A refusal is the caller's fault, and no fault of the server's span.
    error: status >= 500 || status === hungUp ? String(status) : undefined,
  };
}

/** A request that goes out. `template` stands for the path with its ids. */
export function callSpan(method: string, url: URL, template: string): SpanStart {
  return {
    name: `${method} ${template}`,
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'url.full': url.href,
      'url.template': template,
      'server.address': url.hostname,
      'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    },
  };
}

export function callEnd(status: number): SpanEnd {
  return { attributes: { 'http.response.status_code': status }, error: status >= 400 ? String(status) : undefined };
}
