/** HTTP requests that nobody should send, written to a socket as they are: no client stands between that would mend them. */
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { hostileBytes } from './hostile-values.ts';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  /** In this order; a name may come twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

const hostilePart = fc.oneof(
  fc.constantFrom('..', '%2e%2e%2f', '%00', '%E0%A4%A', '%ff', '[$gt]', '__proto__', 'constructor', "1'or'1", '*', ''),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map(encodeURIComponent),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 24, maxLength: 24 }),
  fc.integer({ min: 100, max: 3_000 }).map((length) => 'a'.repeat(length)),
);

const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'limit',
        'after',
        'status',
        'clientId',
        'wait',
        'status[$ne]',
        '__proto__',
        'limit[]',
        '%00',
        'x',
      ),
      fc.oneof(hostilePart, fc.constantFrom('1e9', '-1', '0x10', 'NaN', '1.5', 'PAGO', '_'.repeat(16), '{"$gt":""}')),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => (pairs.length > 0 ? `?${pairs.map((pair) => pair.join('=')).join('&')}` : ''));

const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '*',
    '"v1"',
    '"v999999999"',
    'W/"1"',
    'application/json; charset=utf-7',
    'gzip',
    'gzip, gzip',
    'br',
  ),
  fc.constantFrom(
    '00-0-0-0',
    `00-${'0'.repeat(32)}-${'f'.repeat(16)}-01`,
    'Bearer x',
    'a'.repeat(5_000),
    '\x01',
    'é\xff',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
);
const headerName = fc.constantFrom(
  ...[
    'idempotency-key',
    'if-match',
    'if-none-match',
    'content-type',
    'content-encoding',
    'traceparent',
    'authorization',
  ],
  ...['x-request-id', 'x-forwarded-for', 'accept', 'accept-encoding', 'expect', 'cookie', 'range', '__proto__'],
);

/** Requests to the collection at `path`, whose members are made of something like `base`. */
export function hostileRequest(path: string, base: object): fc.Arbitrary<HostileRequest> {
  const usual = fc.constantFrom('POST', 'GET', 'PATCH');
  return fc.record({
    method: fc.oneof(usual, fc.constantFrom('PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'FOO')),
    path: fc
      .tuple(fc.option(hostilePart), query)
      .map(([part, search]) => `${path}${part === null ? '' : `/${part}`}${search}`),
    headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 4 }),
    body: fc.option(hostileBytes(base), { nil: undefined }),
  });
}

/** One line, with as much of the body as fits. */
export function describeRequest({ method, path, headers, body }: HostileRequest): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${JSON.stringify(body?.toString('latin1'))}`.slice(0, 1_000);
}

/** @returns the status, or `undefined` where the connection ended without one */
export async function sendRaw(
  port: number,
  { method, path, headers, body }: HostileRequest,
): Promise<number | undefined> {
  const socket = net.connect(port, '127.0.0.1');
  // What is refused early is answered and closed while the rest is still being sent.
  socket.on('error', () => {});
  const said = text(socket).catch(() => '');
  await once(socket, 'connect');
  const names = headers.map(([name]) => name);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: shop',
    'connection: close',
    ...(body && !names.includes('content-type') ? ['content-type: application/json'] : []),
    ...(body ? [`content-length: ${body.length}`] : []),
    ...headers.map((pair) => pair.join(': ')),
  ];
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  if (body) socket.write(body);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(await said)?.[1];
  return status === undefined ? undefined : Number(status);
}
