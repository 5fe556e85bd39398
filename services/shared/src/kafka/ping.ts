import { sharedAnswer } from '../shared-answer.ts';
import { kafkaUnavailable } from './errors.ts';
import type { Sockets } from './sockets.ts';

interface Opened {
  readonly admin: {
    readonly connect: () => Promise<void>;
    readonly describeCluster: () => Promise<unknown>;
    readonly disconnect: () => Promise<void>;
  };
  readonly sockets: Pick<Sockets, 'close'>;
}

export const pingTimeoutMs = 1_500;

/** Asks over a connection of its own, which is thrown away when it fails: `/health` tells what is, not what was. */
export class Ping {
  readonly #open: () => Opened;
  #kept: Opened | undefined;
  /** Who asks meanwhile gets the same answer. */
  readonly ask = sharedAnswer(() => this.#ask(), { keepMs: 0 });

  constructor(open: () => Opened) {
    this.#open = open;
  }

  async #ask(): Promise<void> {
    this.#kept ??= this.#open();
    const { admin, sockets } = this.#kept;
    const answer = admin.connect().then(() => admin.describeCluster());
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      sockets.close();
    }, pingTimeoutMs);
    try {
      await answer;
    } catch (error) {
      this.#kept = undefined;
      sockets.close();
      throw kafkaUnavailable(isLate ? new Error(`no answer within ${pingTimeoutMs} ms`) : error);
    } finally {
      clearTimeout(deadline);
    }
  }

  async close(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.admin.disconnect();
  }
}
