import { isIP } from 'node:net';
import { Connection, ConnectionStatuses } from '@platformatic/kafka';
import { connectionSecurity } from '@shop/shared/kafka/platformatic-security';
import type { followSecurity } from '@shop/shared/kafka/security';
import type { Address } from './brokers.ts';

const connectTimeoutMs = 2_000;
const requestTimeoutMs = 5_000;

/** A request that timed out ends its connection, which says so some moments before its socket has closed. */
const over = new Set<string>([ConnectionStatuses.CLOSING, ConnectionStatuses.CLOSED, ConnectionStatuses.ERROR]);

/** One connection per broker, made when it is needed, and again after it broke. A request that gets no answer breaks it. */
export class Connections {
  readonly #clientId: string;
  readonly #security: ReturnType<typeof followSecurity>;
  readonly #open = new Map<Address, { connection: Connection; ready: Promise<Connection> }>();

  /** @param security its parts are asked for each connection, so that new ones use the newest certificates and the newest password */
  constructor(clientId: string, security: ReturnType<typeof followSecurity>) {
    this.#clientId = clientId;
    this.#security = security;
  }

  to(address: Address): Promise<Connection> {
    const open = this.#open.get(address);
    return (open && !over.has(open.connection.status) ? open : this.#connect(address)).ready;
  }

  #connect(address: Address) {
    const colon = address.lastIndexOf(':');
    const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
    // A name is sent for the broker, or the proxy before it, to choose its certificate by; TLS has none for addresses.
    const connection = new Connection(this.#clientId, {
      connectTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      tlsServerName: isIP(host) === 0,
      ...connectionSecurity(this.#security),
    });
    const forget = () => {
      if (this.#open.get(address)?.connection === connection) this.#open.delete(address);
    };
    connection.on('close', forget);
    // Nobody else may listen when it breaks between two requests, and an error that nobody hears ends the process.
    connection.on('error', forget);
    const ready = Promise.resolve(connection.connect(host, port)).then(() => connection);
    const one = { connection, ready };
    this.#open.set(address, one);
    ready.catch(forget);
    return one;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ connection }) => connection.close()));
  }
}
