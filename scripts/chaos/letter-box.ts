/** Where the notifications' webhook leads: a witness of what clients were really told, beside the service's own record. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from './history-file.ts';

export interface LetterBox {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** One letter of so many is refused for now, so that coming again is not left to the crashes alone. */
const refusedOf = 25;
const takesMs = 20;

/** Each letter is in the history before it is answered. */
export async function openLetterBox(record: Recorder): Promise<LetterBox> {
  let count = 0;
  const server = createServer(async (request, response) => {
    try {
      const { data } = JSON.parse(await text(request));
      count += 1;
      const isRefused = count % refusedOf === 0;
      if (!isRefused)
        record({
          kind: 'letter',
          eventId: String(request.headers['webhook-id']),
          orderId: data.orderId,
          word: data.status,
          takenAt: Date.now(),
        });
      await sleep(takesMs);
      response.writeHead(isRefused ? 503 : 204).end();
    } catch {
      // Its sender was killed in the middle of it.
      response.destroy();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
