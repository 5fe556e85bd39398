/** A TCP proxy between a service and a server that is shared by tests: it takes the server away from that service alone. */
import { connect, type Socket } from 'node:net';
import { LoopbackListener } from '../chaos/loopback-listener.ts';

export class TcpProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  readonly #listener = new LoopbackListener((socket) => (this.#stalled ? this.#hold(socket) : this.#join(socket)));
  #stalled = false;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  /** `127.0.0.1:PORT`; the port stays the same over `close` and `open`. */
  get address(): string {
    return `127.0.0.1:${this.#listener.port}`;
  }

  /** How many are open now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  async open(): Promise<this> {
    this.#stalled = false;
    await this.#listener.open();
    return this;
  }

  /** The server is gone: connections break, new ones are refused. */
  close(): Promise<void> {
    return this.#listener.close(() => {
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** The server hangs: connections stay, nothing more comes through. Only `close` ends it. */
  stall(): void {
    this.#stalled = true;
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  #join(near: Socket): void {
    const far = connect(this.#target.port, this.#target.host);
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

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.pause();
  }
}

/** A proxy before the server of a URI such as TEST_MONGODB_URI, and the URI that leads through it. */
export async function proxyOf(uri: string): Promise<{ proxy: TcpProxy; uri: string }> {
  const { hostname, port } = new URL(uri);
  const proxy = await new TcpProxy({ host: hostname, port: Number(port) }).open();
  return { proxy, uri: uri.replace(`${hostname}:${port}`, proxy.address) };
}
