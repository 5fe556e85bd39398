import type { Answer } from './call.ts';

/** What a party that is called answers. */
export function answerWith(
  status: number,
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    ok: status >= 200 && status < 300,
    header: (name) => headers[name],
    json: () => JSON.parse(typeof body === 'string' ? body : JSON.stringify(body)) as unknown,
  };
}
