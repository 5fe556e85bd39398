import { SetupError } from '../embedded/setup-error.ts';
import { countFailure, type Failures, restartPauseMs } from './restart-pause.ts';

/** A process that is ready, as its program started it. */
export interface Running {
  readonly pid: number;
  /** Its HTTP port, where it has one. */
  readonly port?: number | undefined;
  /** Resolves when the process is gone with a phrase that says how: `was ended by SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it in order, or by force once that takes too long. */
  readonly stop: () => Promise<void>;
  /** Ends it by force, at once. */
  readonly kill: () => void;
}

/** Something that can be run any number of times. */
export interface Program {
  readonly name: string;
  /**
   * Resolves when the process is ready.
   * @throws when it ended or was not ready in time; no process is left then, nor after `signal` was aborted.
   */
  readonly start: (replica: number, signal: AbortSignal) => Promise<Running>;
}

export type SupervisorEvent =
  | { readonly kind: 'ended'; readonly name: string; readonly how: string; readonly pauseMs: number }
  | { readonly kind: 'back'; readonly name: string; readonly pid: number };

export interface Surroundings {
  readonly nowMs: () => number;
  /** Resolves after `ms`, or as soon as `signal` is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly report: (event: SupervisorEvent) => void;
}

/** One running replica as others may see it; `pid` is `undefined` while it starts or pauses. */
export interface ReplicaState {
  readonly replica: number;
  readonly pid: number | undefined;
  readonly port: number | undefined;
}

/** What a controller needs to scale a program: how many there are, and how many there should be. */
export interface Scalable {
  readonly replicas: (name: string) => readonly ReplicaState[];
  /**
   * Resolves when the new replicas are ready, each of which is tried until it is, and the surplus ones are gone. The highest
   * numbers go first.
   */
  readonly scale: (name: string, replicas: number) => Promise<void>;
}

const startsBeforeGivingUp = 3;

/** Keeps one replica alive until it is told to stop. */
class Keeper {
  readonly replica: number;
  readonly firstReady: Promise<void>;
  running: Running | undefined;
  readonly #program: Program;
  readonly #surroundings: Surroundings;
  readonly #givesUp: boolean;
  readonly #stopping = new AbortController();
  readonly #gone: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  #wasReady = false;

  /** @param givesUp whether what is hopeless before it was ever ready is not tried again */
  constructor(program: Program, replica: number, surroundings: Surroundings, givesUp: boolean) {
    this.replica = replica;
    this.#program = program;
    this.#surroundings = surroundings;
    this.#givesUp = givesUp;
    this.firstReady = this.#first.promise;
    this.firstReady.catch(() => {});
    this.#gone = this.#keep();
  }

  get label(): string {
    return this.replica === 1 ? this.#program.name : `${this.#program.name} ${this.replica}`;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.running?.stop();
    await this.#gone;
  }

  kill(): void {
    this.#stopping.abort();
    this.running?.kill();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    let failures: Failures = 0;
    while (!signal.aborted) {
      const { how, readyForMs, error } = await this.#runOnce(signal);
      if (signal.aborted) break;
      failures = countFailure(failures, readyForMs);
      if (error !== undefined && this.#givesUp && !this.#wasReady && isHopeless(error, failures)) {
        this.#first.reject(error);
        return;
      }
      const pauseMs = restartPauseMs(failures);
      this.#surroundings.report({ kind: 'ended', name: this.label, how, pauseMs });
      await this.#surroundings.pause(pauseMs, signal);
    }
    this.#first.reject(new Error(`${this.label} was stopped`));
  }

  #becomeReady(pid: number): void {
    if (this.#wasReady) this.#surroundings.report({ kind: 'back', name: this.label, pid });
    this.#wasReady = true;
    this.#first.resolve();
  }

  async #runOnce(signal: AbortSignal): Promise<{ how: string; readyForMs: number; error?: Error }> {
    const { nowMs } = this.#surroundings;
    try {
      this.running = await this.#program.start(this.replica, signal);
    } catch (error) {
      const [how = ''] = (error as Error).message.split('\n');
      return { how, readyForMs: 0, error: error as Error };
    }
    const readyAt = nowMs();
    if (signal.aborted) await this.running.stop();
    else this.#becomeReady(this.running.pid);
    const how = await this.running.ended;
    this.running = undefined;
    return { how, readyForMs: nowMs() - readyAt };
  }
}

/** What only a person can mend is not tried again, and neither is what never worked. */
function isHopeless(error: Error, failures: Failures): boolean {
  return error instanceof SetupError || failures >= startsBeforeGivingUp;
}

interface Group {
  readonly program: Program;
  readonly keepers: Keeper[];
}

/** Starts programs, starts again what ends by itself, and stops what it is told to. */
export class Supervisor implements Scalable {
  readonly #groups = new Map<string, Group>();
  readonly #surroundings: Surroundings;
  #closed = false;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * Runs `replicas` of a program and resolves when all of them were ready once.
   * @throws the program's own error when a replica did not become ready in three attempts; it is not tried again then.
   * Throws also when everything is being stopped.
   */
  async run(program: Program, replicas = 1): Promise<void> {
    if (this.#closed) throw new Error(`${program.name} is not started: everything is being stopped.`);
    const group = { program, keepers: [] };
    this.#groups.set(program.name, group);
    await this.#scale(group, replicas, true);
  }

  replicas(name: string): readonly ReplicaState[] {
    const keepers = this.#groups.get(name)?.keepers ?? [];
    return keepers.map(({ replica, running }) => ({ replica, pid: running?.pid, port: running?.port }));
  }

  async scale(name: string, replicas: number): Promise<void> {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Error(`Nothing called ${name} is running.`);
    await this.#scale(group, replicas, false);
  }

  async #scale({ program, keepers }: Group, replicas: number, givesUp: boolean): Promise<void> {
    const surplus = keepers.splice(replicas);
    while (keepers.length < replicas)
      keepers.push(new Keeper(program, keepers.length + 1, this.#surroundings, givesUp));
    await Promise.all([...surplus.map((keeper) => keeper.stop()), ...keepers.map((keeper) => keeper.firstReady)]);
  }

  /** Stops what runs, one program after the other in the given order; from now on nothing can be started. */
  async stopAll(order: readonly string[], around: (name: string, stop: () => Promise<void>) => Promise<void>) {
    this.#closed = true;
    for (const name of order) {
      const keepers = this.#groups.get(name)?.keepers;
      if (keepers === undefined) continue;
      await around(name, async () => void (await Promise.all(keepers.map((keeper) => keeper.stop()))));
    }
  }

  /** Ends every process by force, without waiting. */
  killAll(): void {
    for (const { keepers } of this.#groups.values()) for (const keeper of keepers) keeper.kill();
  }
}
