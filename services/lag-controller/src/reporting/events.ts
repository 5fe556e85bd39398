import type { ServerResponse } from 'node:http';
import express, { type Router } from 'express';
import type { RoundListener } from '../scaler.ts';
import { pointOf } from './timeline.ts';

const mostReaders = 100;
const mostBufferedBytes = 1_000_000;
/** Often enough for a reader where there are no rounds: a connection that stands still for a minute is cut off on the way. */
const heartbeatMs = 20_000;

/** `GET /v1/events`: each round as a server-sent event, `{scaler, point}` in JSON, for as long as a reader stays. */
export function eventStream() {
  const readers = new Set<ServerResponse>();
  const tell = (event: string) => {
    // A reader that does not read must not make us remember everything for it.
    for (const reader of readers)
      if (reader.writableLength > mostBufferedBytes) reader.destroy();
      else reader.write(event);
  };
  const listen: RoundListener = (scaler, round) =>
    tell(`data: ${JSON.stringify({ scaler: scaler.name, point: pointOf(round) })}\n\n`);
  return {
    listen,
    /** Its streams end when the service begins to stop, which would wait for their readers otherwise. */
    router(draining: AbortSignal): Router {
      const heartbeat = setInterval(() => tell(':\n\n'), heartbeatMs).unref();
      draining.addEventListener('abort', () => {
        clearInterval(heartbeat);
        for (const reader of readers) reader.end();
        // The rounds go on: an event for one that has not yet taken its end would be an error that nobody catches.
        readers.clear();
      });
      return express.Router().get('/v1/events', (_request, response) => {
        // Those whose stream has ended come back while the port is still open.
        if (draining.aborted || readers.size >= mostReaders) refuse(response);
        else open(readers, response);
      });
    },
  };
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '30' }).end();
}

function open(readers: Set<ServerResponse>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\n');
  readers.add(response);
  response.on('close', () => readers.delete(response));
}
