/** Calls of an HTTP API, as tests make them. */

/** What may stand in an answer's body: a test reads what it expects to be there, and fails if it is not. */
export interface Body {
  readonly id: string;
  readonly items: readonly Body[];
  readonly next: string | null;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly at: string; readonly detail: string }[];
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON; else empty. */
  readonly body: Body;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a request, `POST` where there is a body and no method is named. */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { body, headers, signal } = options;
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const parsed = (isJson && text !== '' ? JSON.parse(text) : {}) as Body;
  return { status: response.status, headers: response.headers, body: parsed, text };
}
