import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A port of 127.0.0.1 that stays the same when it is closed and opened again. */
export class LoopbackListener {
  readonly #onConnection: (socket: Socket) => void;
  #server: Server | undefined;
  #port = 0;

  constructor(onConnection: (socket: Socket) => void) {
    this.#onConnection = onConnection;
  }

  /** 0 before it was opened once. */
  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    this.#server = createServer(this.#onConnection);
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Refuses new connections. @param endAll ends those that are open: it waits for them. */
  async close(endAll: () => void): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    endAll();
    await once(server, 'close');
  }
}
