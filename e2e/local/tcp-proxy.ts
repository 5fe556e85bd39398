/** A TCP proxy between a service and a server that is shared by tests: it takes the server away from that service alone. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';

export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  /** `127.0.0.1:PORT`; the port stays the same over `close` and `open`. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** How many are open now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  async open(): Promise<this> {
    this.#server = createServer((socket) => this.#join(socket));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  #join(near: Socket): void {
    const far = new Socket().connect(this.#target.port, this.#target.host);
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  /** The server is gone: connections break, new ones are refused. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }

  /** The server hangs: connections stay, nothing more comes through. Only `close` ends it. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
    this.#server?.removeAllListeners('connection');
    this.#server?.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.pause();
    });
  }
}

/** A proxy before the server of a URI such as TEST_MONGODB_URI, and the URI that leads through it. */
export async function proxyOf(uri: string): Promise<{ proxy: TcpProxy; uri: string }> {
  const { hostname, port } = new URL(uri);
  const proxy = await new TcpProxy({ host: hostname, port: Number(port) }).open();
  return { proxy, uri: uri.replace(`${hostname}:${port}`, proxy.address) };
}
