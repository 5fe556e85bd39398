import { type Backoff, backoffMs } from '@shop/shared/backoff';
import { DomainError } from '@shop/shared/errors';
import type { Logger } from '@shop/shared/log';
import { pause } from '@shop/shared/pause';
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

/** RabbitMQ that outlives outages: a lost connection is opened again, for as long as it takes, and consuming goes on. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #consumers: Consumer[] = [];
  readonly #inHand = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();
  #session: Session | undefined;
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

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** As of a session. @throws DomainError `unavailable` at once while there is no connection */
  async publish(task: OutgoingTask): Promise<void> {
    return this.#connected().publish(task);
  }

  async depth(queue: string): Promise<number> {
    return this.#connected().depth(queue);
  }

  async ping(): Promise<void> {
    this.#connected();
  }

  /** Takes no further task, waits at most `timeoutMs` for those in hand, and disconnects. */
  async stop({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    this.#stopping.abort();
    const session = this.#session;
    await session?.cancel().catch(() => {});
    const enough = new AbortController();
    await Promise.race([Promise.all(this.#inHand), pause(timeoutMs, enough.signal)]);
    enough.abort();
    await session?.close().catch(() => {});
    await this.#running;
  }

  #connected(): Session {
    if (this.#session) return this.#session;
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
        log.warn({ err: error }, 'RabbitMQ is away; trying again');
      }
      this.#session = undefined;
      if (signal.aborted) return;
      await pause(backoffMs(reconnect, failures, Math.random()), signal);
      failures += 1;
    }
  }

  /** One session, from its opening to its end. @throws what ended it */
  async #live(onOpen: () => void): Promise<void> {
    const { log } = this.#options;
    const session = await openSession({ ...this.#options, url: this.#options.url() });
    // Stopped while it was being opened: there is nobody else to close it.
    if (this.#stopping.signal.aborted) return session.close();
    for (const { queue, prefetch, handle } of this.#consumers)
      await session.consume(queue, prefetch, (task) => this.#track(handle(task)));
    this.#session = session;
    onOpen();
    log.info('connected to RabbitMQ');
    const fault = await session.ended;
    if (!this.#stopping.signal.aborted) throw fault ?? new Error('RabbitMQ closed the connection');
  }

  #track(work: Promise<Settlement>): Promise<Settlement> {
    this.#inHand.add(work);
    const done = () => this.#inHand.delete(work);
    work.then(done, done);
    return work;
  }
}
