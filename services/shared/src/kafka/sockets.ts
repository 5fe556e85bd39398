import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';

interface SocketArguments {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/** The connections of one client: kafkajs would go on using one on which a request was never answered. */
export class Sockets {
  readonly #tls: (() => SecureContext) | undefined;
  readonly #open = new Map<Socket, string>();
  #closed = false;

  /** @param tls asked for each connection, so that new ones use the newest certificates; none for plain connections */
  constructor(tls: (() => SecureContext) | undefined) {
    this.#tls = tls;
  }

  readonly open = ({ host, port, onConnect }: SocketArguments): Socket => {
    if (this.#closed) throw new Error('the client is closed');
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = this.#tls
      ? connectTls({ host, port, ...servername, secureContext: this.#tls() }, onConnect)
      : connectPlain({ host, port }, onConnect);
    socket.setKeepAlive(true, 15_000);
    this.#open.set(socket, `${host}:${port}`);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  destroy(broker: string): void {
    for (const [socket, address] of this.#open) if (address === broker) cut(socket);
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#open.keys()) cut(socket);
  }
}

/** With an error, because kafkajs does not notice a socket that closes silently and would wait for its answers. */
function cut(socket: Socket): void {
  socket.destroy(new Error('the connection was given up'));
}
