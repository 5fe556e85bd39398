import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { within } from '../pause.ts';

/** As long as the database may take for an answer. With a drain of 5 s it leaves 10 of SHUTDOWN_TIMEOUT_MS to what is closed after HTTP. */
const longestRequestMs = 10_000;

/** How long a connection may be without its first request, which is on its way when the port closes. */
const firstRequestMs = 1_000;

/**
 * Node's own `close` waits for every connection that is not idle: one that a browser opened in advance, or one that was
 * busy at the call and is kept alive afterwards, holds it for a minute. So connections are counted here: those with
 * a request in hand are told to close with its answer, those that had none yet have a second for it, and all others are closed at once.
 *
 * @returns closes the port and waits until the requests in hand are answered, or `patienceMs` are over: a caller that does not
 * read its answer must not keep the rest of the shutdown from being done
 */
export function drain(server: Server, draining: AbortSignal, patienceMs = longestRequestMs): () => Promise<void> {
  const sockets = new Set<Socket>();
  const inHand = new Map<Socket, ServerResponse>();

  const askToClose = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.prependListener('request', ({ socket }, response) => {
    inHand.set(socket, response);
    if (draining.aborted) askToClose(response);
    response.on('close', () => {
      if (inHand.get(socket) === response) inHand.delete(socket);
      if (!server.listening) socket.end();
    });
  });
  draining.addEventListener('abort', () => {
    for (const response of inHand.values()) askToClose(response);
  });

  return async () => {
    const closed = once(server, 'close');
    // Node's own part of it: what is idle after an answer is closed.
    server.close();
    const newcomers = setTimeout(() => {
      for (const socket of sockets) if (!inHand.has(socket)) socket.destroy();
    }, firstRequestMs);
    await within(patienceMs, closed);
    clearTimeout(newcomers);
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}
