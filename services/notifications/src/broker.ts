import { type Backoff, backoffMs } from '@shop/shared/backoff';
import { DomainError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import { pause, within } from '@shop/shared/pause';
import { openSession, type Session, type SessionOptions, type Settlement } from './amqp.ts';
import type { OutgoingTask, Task } from './task.ts';

interface Consumer {
  readonly queue: string;
  readonly prefetch: number;
  readonly handle: (task: Task) => Promise<Settlement>;
}

export interface BrokerOptions extends Omit<SessionOptions, 'url'> {
  /** Asked for each connection: it may change. */
  readonly url: () => string;
  readonly log: Logger;
  readonly reconnect?: Backoff;
}

interface Sessions {
  readonly publishing: Session;
  /** Apart, because RabbitMQ stops reading what publishes when it runs out of memory or disk: acknowledgements make room. */
  readonly consuming: Session;
}

/** A broker that reads nothing does not say that it sends no more: what it still sends comes again. */
const cancelTimeoutMs = 1_000;
const closeTimeoutMs = 1_000;

/** RabbitMQ that outlives outages: a lost connection is opened again, for as long as it takes, and consuming goes on. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #consumers: Consumer[] = [];
  readonly #inHand = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();
  #sessions: Sessions | undefined;
  #running: Promise<void> | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** Call it before `start`. */
  consume(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  /** Connects in the background: a service starts while RabbitMQ is down. */
  start(): void {
    this.#running = this.#run();
  }

  /** As of a session. @throws DomainError `unavailable` at once while there is no connection */
  async publish(task: OutgoingTask): Promise<void> {
    return this.#connected().publishing.publish(task);
  }

  async depth(queue: string): Promise<number> {
    return this.#connected().consuming.depth(queue);
  }

  async ping(): Promise<void> {
    this.#connected();
  }

  /** Takes no further task, waits at most `timeoutMs` for those in hand, and disconnects. */
  async stop({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    this.#stopping.abort();
    const sessions = this.#sessions;
    if (sessions) await within(cancelTimeoutMs, sessions.consuming.cancel()).catch(() => {});
    await within(timeoutMs, Promise.all(this.#inHand));
    await (sessions && close(sessions));
    // A session ends with its connection, which a server that has fallen silent keeps until its heartbeats are missed.
    await within(closeTimeoutMs, this.#running ?? Promise.resolve());
  }

  #connected(): Sessions {
    if (this.#sessions) return this.#sessions;
    throw new DomainError('unavailable', { code: 'queue-unavailable', detail: 'RabbitMQ is not connected.' });
  }

  async #run(): Promise<void> {
    const { log, reconnect = { firstMs: 500, maxMs: 10_000 } } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#live(() => {
          failures = 0;
        });
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'RabbitMQ is away; trying again');
      }
      if (signal.aborted) return;
      await pause(backoffMs(reconnect, failures, Math.random()), signal);
      failures += 1;
    }
  }

  /** One pair of sessions, from their opening to the end of either. @throws what ended it */
  async #live(onOpen: () => void): Promise<void> {
    const { log } = this.#options;
    const sessions = await openSessions({ ...this.#options, url: this.#options.url() });
    const { publishing, consuming } = sessions;
    try {
      if (this.#stopping.signal.aborted) return;
      // From here on a stop ends them, also in the middle of what follows.
      this.#sessions = sessions;
      for (const { queue, prefetch, handle } of this.#consumers) {
        if (this.#stopping.signal.aborted) break;
        await consuming.consume(queue, prefetch, (task) => this.#track(handle(task)));
      }
      onOpen();
      log.info('connected to RabbitMQ');
      const fault = await Promise.race([publishing.ended, consuming.ended]);
      if (!this.#stopping.signal.aborted) throw fault ?? new Error('RabbitMQ closed the connection');
    } finally {
      this.#sessions = undefined;
      await close(sessions);
    }
  }

  #track(work: Promise<Settlement>): Promise<Settlement> {
    this.#inHand.add(work);
    const done = () => this.#inHand.delete(work);
    work.then(done, done);
    return work;
  }
}

async function openSessions(options: SessionOptions): Promise<Sessions> {
  const open = (purpose: string) => openSession({ ...options, connectionName: `${options.connectionName} ${purpose}` });
  const publishing = await open('publishing');
  try {
    return { publishing, consuming: await open('consuming') };
  } catch (error) {
    void publishing.close().catch(() => {});
    throw error;
  }
}

/** Says good-bye, and does not wait long for the answer of a broker that reads nothing. */
async function close({ publishing, consuming }: Sessions): Promise<void> {
  await within(closeTimeoutMs, Promise.allSettled([publishing.close(), consuming.close()]));
}
