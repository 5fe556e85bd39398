/** Lets the lag controller, a process of its own, count and set the replicas of what `npm start` runs. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Scalable } from './supervisor.ts';

const mostReplicas = 64;

export interface ReplicaControl {
  /** Below it: `GET` and `PUT /programs/NAME`. */
  readonly url: string;
  /** Wanted as bearer token, since every user of this machine can reach the port. */
  readonly token: string;
  readonly close: () => void;
}

/**
 * Listens on the loopback address only, on a free port. A `PUT` of `{"replicas": n}` is answered as soon as it was taken.
 * @param onFault gets what scaling failed with later on
 */
export async function controlReplicas(
  scalable: Scalable,
  onFault: (name: string, error: Error) => void,
): Promise<ReplicaControl> {
  const token = randomUUID();
  const server = createServer((request, response) => {
    answer(scalable, onFault, token, request).then(
      ({ status, body }) => send(response, status, body),
      () => send(response, 400, { error: 'replicas must be a whole number' }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It must not keep the supervisor alive once everything else has ended.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, token, close: () => server.close() };
}

async function answer(
  scalable: Scalable,
  onFault: (name: string, error: Error) => void,
  token: string,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return { status: 401, body: {} };
  const name = /^\/programs\/([\w-]+)$/.exec(request.url ?? '')?.[1];
  if (name === undefined || scalable.replicas(name).length === 0) return { status: 404, body: {} };
  if (request.method === 'PUT') {
    const { replicas } = (await json(request)) as { replicas?: unknown };
    if (!Number.isInteger(replicas) || Number(replicas) < 1 || Number(replicas) > mostReplicas)
      return { status: 400, body: { error: `replicas must be a whole number from 1 to ${mostReplicas}` } };
    scalable.scale(name, Number(replicas)).catch((error: Error) => onFault(name, error));
  }
  return { status: 200, body: { replicas: scalable.replicas(name) } };
}

function isSame(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
