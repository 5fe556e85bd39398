/** A TCP link between a service and what it depends on, which does to the traffic what networks do. */
import { connect, type Socket } from 'node:net';
import { LoopbackListener } from './loopback-listener.ts';
import type { Address } from './wire/kafka.ts';
import type { Dialogue, Passage } from './wire/passage.ts';

/** `lose`: the message vanishes, and its connection with it. */
export type Fate = 'pass' | 'lose';

export interface LinkOptions {
  readonly name: string;
  readonly target: Address;
  readonly dialogue: (link: () => Address) => Dialogue;
}

/** What waits here for a slow or delayed reader, before the sender has to wait too. */
const maxWaitingBytes = 1_000_000;

export class Link {
  readonly name: string;
  readonly #options: LinkOptions;
  readonly #sockets = new Set<Socket>();
  readonly #listener = new LoopbackListener((near) => this.#join(near));
  #delayMs = 0;
  #silent = false;
  /** Decides about every message on its way. */
  watch: (passage: Passage) => Fate = () => 'pass';

  constructor(options: LinkOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#listener.port };
  }

  /** `127.0.0.1:PORT` */
  get authority(): string {
    return `127.0.0.1:${this.#listener.port}`;
  }

  async open(): Promise<this> {
    await this.#listener.open();
    return this;
  }

  close(): Promise<void> {
    return this.#listener.close(() => this.reset());
  }

  /** Every message takes this much longer, each way. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Nothing comes through, and no connection breaks; what was sent meanwhile arrives when it is over. */
  blackHole(silent: boolean): void {
    this.#silent = silent;
    for (const socket of this.#sockets) silent ? socket.pause() : socket.resume();
  }

  /** Every connection breaks. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** The next message that `matches` is lost; resolves when it was. */
  loseNext(matches: (passage: Passage) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.watch = (passage) => {
      if (!matches(passage)) return 'pass';
      this.loseNothing();
      resolve();
      return 'lose';
    };
    return promise;
  }

  loseNothing(): void {
    this.watch = () => 'pass';
  }

  #join(near: Socket): void {
    const { target, dialogue } = this.#options;
    const far = connect(target.port, target.host);
    const { requests, answers } = dialogue(() => this.address);
    this.#carry(near, far, requests);
    this.#carry(far, near, answers);
  }

  #cut(...sockets: readonly Socket[]): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }

  #carry(from: Socket, to: Socket, read: (chunk: Buffer) => Passage[]): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    if (this.#silent) from.pause();
    const waiting: Buffer[] = [];
    let waitingBytes = 0;
    const isFull = () => waitingBytes + to.writableLength >= maxWaitingBytes;
    const sendNext = () => {
      const bytes = waiting.shift() as Buffer;
      waitingBytes -= bytes.length;
      if (to.writable) to.write(bytes);
      if (!this.#silent && !isFull()) from.resume();
    };
    from.on('data', (chunk) => {
      for (const passage of read(chunk)) {
        if (this.watch(passage) === 'lose') return this.#cut(from, to);
        waiting.push(passage.bytes);
        waitingBytes += passage.bytes.length;
        // The head is sent, whichever timer it was: a delay that has just been shortened must not change the order.
        if (this.#delayMs > 0 || waiting.length > 1) setTimeout(sendNext, this.#delayMs);
        else sendNext();
      }
      if (isFull()) from.pause();
    });
    to.on('drain', () => {
      if (!this.#silent) from.resume();
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
