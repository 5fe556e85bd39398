import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TargetSample, WorkSample } from '../../../services/lag-controller/src/law/observation.ts';
import type { Target } from '../../../services/lag-controller/src/target.ts';
import type { ConsumerNews, ConsumerOrders, SlowSpan } from './protocol.ts';

interface Replica {
  readonly name: string;
  readonly process: ChildProcess;
  readonly startedAtMs: number;
  rebalancingAtMs?: number;
  joinedAtMs?: number;
  work?: Omit<WorkSample, 'replica'>;
}

interface Timed {
  readonly atMs: number;
  readonly seconds: number;
}

/** Consumer processes of this machine as something that is scaled. The youngest leave first, by SIGTERM. */
export class Consumers implements Target {
  readonly #orders: ConsumerOrders;
  readonly #onFault: (error: Error) => void;
  readonly #replicas: Replica[] = [];
  readonly #processes = new Set<ChildProcess>();
  readonly #finished = new Map<number, number>();
  #slow: readonly SlowSpan[] = [];
  #started = 0;
  #rebalances = 0;
  readonly #startSeconds: Timed[] = [];
  readonly #rebalanceSeconds: Timed[] = [];

  constructor(orders: ConsumerOrders, onFault: (error: Error) => void) {
    this.#orders = orders;
    this.#onFault = onFault;
  }

  readonly read = async (): Promise<TargetSample> => {
    const ready = this.#replicas.filter(({ joinedAtMs }) => joinedAtMs !== undefined).length;
    return { desired: this.count, current: this.count, ready, rollingOut: false };
  };

  readonly scale = async (replicas: number): Promise<void> => {
    while (this.#replicas.length < replicas) this.#start();
    while (this.#replicas.length > replicas) this.#replicas.pop()?.process.kill('SIGTERM');
  };

  /** Replicas that were not told to stop. */
  get count(): number {
    return this.#replicas.length;
  }

  /** As the first replica, which stays, saw them: every generation that it joined after its first one. */
  get rebalances(): number {
    return this.#rebalances;
  }

  work(): WorkSample[] {
    return this.#replicas.flatMap(({ name, work }) => (work ? [{ replica: name, ...work }] : []));
  }

  /** Messages of a partition that were finished. */
  finished(partition: number): number {
    return this.#finished.get(partition) ?? 0;
  }

  /** Tells all, and those that come later, when to be slow. */
  slowDown(spans: readonly SlowSpan[]): void {
    this.#slow = spans;
    for (const { process } of this.#replicas) process.send([...spans]);
  }

  /**
   * Means: until a replica begins to join, and how long a rebalance keeps the first one. What was seen before `sinceMs`
   * counts where nothing was seen later.
   */
  measured(sinceMs: number): { readonly startSeconds: number; readonly rebalanceSeconds: number } {
    const rebalanceSeconds = meanSince(this.#rebalanceSeconds, sinceMs);
    return { startSeconds: Math.max(0.5, meanSince(this.#startSeconds, sinceMs) - rebalanceSeconds), rebalanceSeconds };
  }

  async stop(): Promise<void> {
    this.#replicas.length = 0;
    const exits = [...this.#processes].map((process) => once(process, 'exit'));
    for (const process of this.#processes) process.kill('SIGTERM');
    await Promise.all(exits);
  }

  #start(): void {
    this.#started += 1;
    const child = fork(fileURLToPath(new URL('./consumer.ts', import.meta.url)), [JSON.stringify(this.#orders)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const replica: Replica = { name: `replica-${this.#started}`, process: child, startedAtMs: Date.now() };
    this.#replicas.push(replica);
    this.#processes.add(child);
    if (this.#slow.length > 0) child.send([...this.#slow]);
    child.on('message', (news) => this.#hear(replica, news as ConsumerNews));
    child.on('exit', (code) => {
      this.#processes.delete(child);
      if (this.#replicas.includes(replica)) this.#onFault(new Error(`${replica.name} has ended with ${code}.`));
    });
  }

  #hear(replica: Replica, news: ConsumerNews): void {
    if (news.kind === 'work') this.#noteWork(replica, news);
    else if (news.kind === 'rebalancing') replica.rebalancingAtMs = news.atMs;
    else if (news.kind === 'resumed') this.#noteResumption(replica, news.atMs);
    else this.#noteJoin(replica, news.atMs);
  }

  #noteJoin(replica: Replica, atMs: number): void {
    const isFirst = replica.joinedAtMs === undefined;
    replica.joinedAtMs = atMs;
    if (isFirst) this.#startSeconds.push({ atMs, seconds: (atMs - replica.startedAtMs) / 1_000 });
    else if (replica === this.#replicas[0]) {
      this.#rebalances += 1;
      this.#rebalanceSeconds.push({ atMs, seconds: (atMs - (replica.rebalancingAtMs ?? atMs)) / 1_000 });
    }
  }

  /** Later than that it waited for messages, not for the group. */
  #noteResumption(replica: Replica, atMs: number): void {
    const { joinedAtMs = 0, rebalancingAtMs } = replica;
    const isOfRebalance = this.#rebalanceSeconds.at(-1)?.atMs === joinedAtMs && atMs - joinedAtMs < 2_000;
    if (replica !== this.#replicas[0] || rebalancingAtMs === undefined || !isOfRebalance) return;
    this.#rebalanceSeconds[this.#rebalanceSeconds.length - 1] = {
      atMs: joinedAtMs,
      seconds: (atMs - rebalancingAtMs) / 1_000,
    };
  }

  #noteWork(replica: Replica, { finished, work }: ConsumerNews & { kind: 'work' }): void {
    replica.work = work;
    for (const [partition, next] of finished)
      this.#finished.set(partition, Math.max(next, this.#finished.get(partition) ?? 0));
  }
}

function meanSince(all: readonly Timed[], sinceMs: number): number {
  const later = all.filter(({ atMs }) => atMs >= sinceMs);
  const counted = later.length > 0 ? later : all;
  return counted.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, counted.length);
}
