/** Runs the project's commands as a person does, through npm, and reads what they print. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const patienceMs = 60_000;
const alive = new Set<NpmRun>();

/** Ends what a test left running, without any order; for `afterAll`. */
export async function killRuns(): Promise<void> {
  await Promise.all(
    [...alive].map((run) => {
      run.kill();
      return run.exited;
    }),
  );
}

export class NpmRun {
  /** npm's own process id. */
  readonly pid: number;
  /** The status npm ends with; `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Standard output and standard error, in the order they came. */
  output = '';
  readonly #child: ChildProcess;
  readonly #wake = new EventTarget();

  /** `args` are what stands behind `npm`. */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '', JAVA_HOME } = process.env;
    // A group of its own, so that a test that fails leaves nothing behind.
    this.#child = spawn('npm', args, {
      cwd: root,
      env: { PATH, HOME, ...(JAVA_HOME && { JAVA_HOME }), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.pid = this.#child.pid as number;
    alive.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        this.#wake.dispatchEvent(new Event('change'));
      });
    this.exited = once(this.#child, 'close').then(([code]) => {
      alive.delete(this);
      this.#wake.dispatchEvent(new Event('change'));
      return code;
    });
  }

  /** The last of these lines that are not npm's own. */
  get lastLine(): string {
    return this.output.trimEnd().split('\n').at(-1) ?? '';
  }

  /**
   * The first match in the output, past or coming.
   * @throws with the output, when the run ends or a minute passes without one
   */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(patienceMs);
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (deadline.aborted || !alive.has(this)) throw new Error(`No ${pattern} in:\n${this.output}`);
      await Promise.race([once(this.#wake, 'change'), once(deadline, 'abort')]);
    }
  }

  /** Sends npm alone a signal, as `kill` does. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  kill(): void {
    process.kill(-this.pid, 'SIGKILL');
  }
}
