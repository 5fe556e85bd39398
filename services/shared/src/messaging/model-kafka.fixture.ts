import type { Kafka } from '../kafka/connect.ts';
import type { ConsumerListener, Fetch } from '../kafka/consumer-life.ts';

export const perPartition = 12;
export const keys = 4;
export const both = [0, 1];

export const turns = async (count = 6) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** What a real group does to a consumer, in an order that a test chooses, including what kafkajs gets wrong. */
export class ModelKafka {
  readonly committed = new Map<number, bigint>();
  readonly finished = new Set<string>();
  readonly wrongCommits: string[] = [];
  assigned: readonly number[] = [];
  /** What was fetched and not handed over: it may arrive after the next rebalance. */
  readonly late: Fetch[] = [];
  readonly #position = new Map<number, bigint>();
  readonly #paused = new Set<number>();
  #listener: ConsumerListener | undefined;
  commitFails = false;

  readonly kafka = {
    consumer: (_: unknown, listener: ConsumerListener) => {
      this.#listener = listener;
      return {
        start: async () => this.join(both),
        commit: async (offsets: ReadonlyMap<number, bigint>) => this.#commit(offsets),
        pause: ([partition = 0]: readonly number[]) => this.#paused.add(partition),
        resume: (partitions: readonly number[]) => {
          for (const partition of partitions) this.#paused.delete(partition);
        },
        seek: (partition: number, offset: bigint) => this.#position.set(partition, offset),
        stop: async () => undefined,
        kill: () => undefined,
      };
    },
    admin: () => ({
      offsets: async () =>
        both.map((partition) => ({
          partition,
          low: 0n,
          high: BigInt(perPartition),
          committed: this.committed.get(partition),
        })),
      close: async () => undefined,
    }),
    ping: async () => undefined,
  } as unknown as Kafka;

  join(partitions: readonly number[]): void {
    for (const partition of both) this.#position.set(partition, this.committed.get(partition) ?? 0n);
    this.assigned = partitions;
    this.#listener?.joined(partitions);
  }

  /** `ahead`: kafkajs can start a partition where a batch of the last generation ended. */
  rejoin(partitions: readonly number[], ahead = 0): void {
    this.#listener?.rebalancing();
    this.join(partitions);
    for (const [partition, position] of this.#position) this.#position.set(partition, position + BigInt(ahead));
  }

  /** A rebalance begins, and Kafka is lost before it is over; the consumer that is opened next joins by itself. */
  async loseWhileRebalancing(): Promise<void> {
    this.#listener?.rebalancing();
    this.assigned = [];
    this.#listener?.crashed(new Error('Kafka is away'));
    while (this.assigned.length === 0) await turns();
  }

  fetch(partition: number, count: number): Fetch {
    const from = this.#position.get(partition) ?? 0n;
    const next = BigInt(Math.min(Number(from) + count, perPartition));
    const records = Array.from({ length: Number(next - from) }, (_, index) => ({
      offset: from + BigInt(index),
      key: Buffer.from(`${partition}-${(Number(from) + index) % keys}`),
      value: null,
      headers: {},
      timestamp: new Date(0),
    }));
    return { partition, from, next, records };
  }

  async hand(fetch: Fetch): Promise<void> {
    if (this.#paused.has(fetch.partition) || fetch.records.length === 0) return;
    await this.#listener?.ready(fetch.partition);
    if (this.#listener?.take(fetch)) this.#position.set(fetch.partition, fetch.next);
  }

  #commit(offsets: ReadonlyMap<number, bigint>): void {
    if (this.commitFails) throw new Error('the coordinator is not available');
    for (const [partition, offset] of offsets) {
      for (let before = 0n; before < offset; before++)
        if (!this.finished.has(`${partition}:${before}`))
          this.wrongCommits.push(`${partition}: ${offset} past ${before}`);
      this.committed.set(partition, offset);
    }
  }
}
