import { Agent, request } from 'undici';
import { callEnd, callSpan } from '../tracing/http-spans.ts';
import type { Tracer } from '../tracing/tracer.ts';

export interface CallRequest {
  readonly url: string;
  /** The path with names in the place of ids. */
  readonly template: string;
  /** GET where nothing is said. */
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly traceparent: string | undefined;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  /** A status from 200 to 299. */
  readonly ok: boolean;
  readonly header: (name: string) => string | undefined;
  /** @throws SyntaxError when the body is none */
  readonly json: () => unknown;
}

/** Calls another service, or a party outside. Redirects are answers like others. @throws when no whole answer came in time */
export type Call = (request: CallRequest) => Promise<Answer>;

/** What anybody may answer: the services' own answers have some hundred bytes. */
const maxAnswerBytes = 1_000_000;

/**
 * HTTP through connections that are kept, in a span that ends with the answer. Not the global `fetch`: its streams cost
 * payments a quarter of their processor time, and `AbortSignal.timeout` goes off, with an error made, after each call that
 * went well.
 */
export function callsWith(tracer: Tracer): Call {
  const dispatcher = new Agent({ maxResponseSize: maxAnswerBytes });
  return async ({ url, template, method = 'GET', headers, body, traceparent: parent, timeoutMs }) => {
    const address = new URL(url);
    const { traceparent, end } = tracer.start(callSpan(method, address, template), parent);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const answer = await request(address, {
        ...{ dispatcher, method, signal: late.signal },
        headers: { ...headers, ...(traceparent !== undefined && { traceparent }) },
        ...(body !== undefined && { body }),
      });
      const text = await answer.body.text();
      end(callEnd(answer.statusCode));
      return answerOf(answer.statusCode, answer.headers, text);
    } catch (error) {
      end({ error: error instanceof Error ? error.name : 'unknown' });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function answerOf(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, text: string) {
  return {
    status,
    ok: status >= 200 && status < 300,
    header: (name: string) => [headers[name]].flat()[0],
    json: () => JSON.parse(text) as unknown,
  };
}
