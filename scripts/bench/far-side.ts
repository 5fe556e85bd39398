/**
 * Whom payments calls, in a process of its own and as light as can be: a provider that captures every charge after
 * a while, and an orders service that accepts every report. It notes when it was called.
 */
import { createServer } from 'node:http';

export interface Calls {
  readonly charges: number;
  readonly reports: number;
  /** Milliseconds from the first charge's arrival to the last answer. */
  readonly tookMs: number;
}

let latencyMs = 0;
let charges = 0;
let reports = 0;
let firstAt = 0;
let lastAt = 0;

const server = createServer((request, response) => {
  const isCharge = request.method === 'POST';
  const isReport = request.method === 'PATCH';
  if (isCharge && firstAt === 0) firstAt = performance.now();
  let said = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    if (isReport) said += part;
  });
  request.on('end', () => {
    const bodyOf = () => {
      if (isCharge) return { id: `ch_${charges}`, status: 'captured' };
      return isReport ? { id: request.url?.split('/').at(-1), ...JSON.parse(said) } : { items: [] };
    };
    const answer = () => {
      if (isCharge) charges += 1;
      if (isReport) reports += 1;
      if (request.method !== 'GET') lastAt = performance.now();
      const body = JSON.stringify(bodyOf());
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    };
    if (isCharge && latencyMs > 0) setTimeout(answer, latencyMs);
    else answer();
  });
});
server.keepAliveTimeout = 65_000;
server.listen(Number(process.env.PORT), '127.0.0.1');

/** A latency begins a new count; anything else asks for the present one. */
process.on('message', (message: { readonly latencyMs?: number }) => {
  if (message.latencyMs !== undefined) {
    latencyMs = message.latencyMs;
    charges = 0;
    reports = 0;
    firstAt = 0;
  }
  process.send?.({ charges, reports, tookMs: lastAt - firstAt } satisfies Calls);
});
process.on('disconnect', () => process.exit());
