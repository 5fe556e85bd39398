/** Starts a service's real `main.ts` in a process of its own, for tests that stop, kill and restart services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type ServiceName =
  | 'orders'
  | 'payments'
  | 'clients'
  | 'products'
  | 'provider'
  | 'notifications'
  | 'lag-controller';
export type Environment = Readonly<Record<string, string>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of a service's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [member: string]: unknown;
}

const patienceMs = 30_000;
const alive = new Set<ServiceProcess>();

/** Ends what a test left running; for `afterEach`. */
export async function killServices(): Promise<void> {
  await Promise.all([...alive].map((service) => service.kill()));
}

export class ServiceProcess {
  readonly name: ServiceName;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Everything written to standard output and standard error so far. */
  output = '';
  /** What was written to standard error alone. */
  errors = '';
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #wake = new EventTarget();
  #rest = '';
  #port = 0;

  constructor(name: ServiceName, environment: Environment) {
    this.name = name;
    const main = `services/${name}/src/main.ts`;
    const { PATH = '', HOME = '' } = process.env;
    // The channel is how an orphan notices that the test is gone: see lifecycle.ts.
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      cwd: root,
      env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.pid = this.#child.pid as number;
    alive.add(this);
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
      this.errors += chunk;
    });
    // Not the child's own 'close', which never comes once the channel was ended from this side.
    const streams = [this.#child.stdout, this.#child.stderr].map((stream) => stream && once(stream, 'close'));
    this.exited = Promise.all([once(this.#child, 'exit'), ...streams]).then(([[code, signal]]) => {
      alive.delete(this);
      this.#wake.dispatchEvent(new Event('change'));
      return { code, signal };
    });
  }

  #read(chunk: string): void {
    this.output += chunk;
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
    this.#wake.dispatchEvent(new Event('change'));
  }

  get isRunning(): boolean {
    return alive.has(this);
  }

  /** The port it listens on; 0 before it does. Pass it as `PORT` to start again at the same address. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * The first line, past or coming, that `matches`.
   *
   * @throws with the output, when the service ends or `timeoutMs` passes without such a line
   */
  async line(matches: (line: LogLine) => boolean, timeoutMs = patienceMs): Promise<LogLine> {
    const deadline = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const isLast = deadline.aborted;
      // What was said while this process itself stood still is read first.
      if (isLast) await setImmediate();
      const found = this.lines.find(matches);
      if (found) return found;
      if (!this.isRunning || isLast)
        throw new Error(`${this.name} ${this.isRunning ? 'stays silent' : 'has ended'}:\n${this.output}`);
      await Promise.race([once(this.#wake, 'change'), once(deadline, 'abort')]);
    }
  }

  /** @throws with the output, when the service ends or does not become ready. */
  async ready(timeoutMs = patienceMs): Promise<this> {
    const deadline = Date.now() + timeoutMs;
    this.#port = Number((await this.line(({ msg }) => msg === 'listening', timeoutMs)).port);
    for (;;) {
      // Looked at before it is asked: where this process itself stood still, it has to be asked once more.
      const isLast = Date.now() > deadline;
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return this;
      const why = await answer?.text();
      if (!this.isRunning || isLast) throw new Error(`${this.name} is not ready: ${why}\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM, as a cluster stops it. */
  stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** SIGKILL, as a crash. */
  kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** Ends the channel to this process, as the death of the parent would. */
  abandon(): void {
    this.#child.disconnect();
  }
}

/** Starts a service on a free port (or on `PORT`), and waits until it is ready. It must log at `info`: the port is read from there. */
export function startService(
  name: ServiceName,
  environment: Environment = {},
  timeoutMs = patienceMs,
): Promise<ServiceProcess> {
  return new ServiceProcess(name, environment).ready(timeoutMs);
}
