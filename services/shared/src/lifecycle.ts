import { ConfigurationError, type Environment, integer, readSettings, type Settings, type Values } from './env.ts';
import { asError, StartError } from './errors.ts';
import { createLog, type Logger, logSettings } from './log.ts';
import { tracingSettings } from './tracing/settings.ts';
import { startTracing } from './tracing/start-tracing.ts';
import type { Tracer } from './tracing/tracer.ts';

type Close = () => unknown;

interface Step {
  readonly name: string;
  readonly close: Close;
  readonly isBegunAtOnce: boolean;
}

/** Closes in the reverse order of opening; a failing closer does not keep the others from running. */
export class Closer {
  readonly #steps: Step[] = [];
  #closing: Promise<void> | undefined;

  /** Register right after opening, so that a start that fails half-way closes what is already open. */
  add(name: string, close: Close): void {
    this.#steps.push({ name, close, isBegunAtOnce: false });
  }

  /** As {@link add}, but for what takes in work: it stops beside what was opened later, and is waited for in its turn. */
  addBegunAtOnce(name: string, close: Close): void {
    this.#steps.push({ name, close, isBegunAtOnce: true });
  }

  /** @throws AggregateError of what the closers threw, after all of them ran. */
  close(log: Logger): Promise<void> {
    this.#closing ??= this.#closeAll(log);
    return this.#closing;
  }

  async #closeAll(log: Logger): Promise<void> {
    const errors: Error[] = [];
    const run = async ({ name, close }: Step) => {
      try {
        await close();
      } catch (thrown) {
        log.error({ err: thrown, step: name }, 'could not close');
        errors.push(asError(thrown));
      }
    };
    const begun = new Map(this.#steps.filter(({ isBegunAtOnce }) => isBegunAtOnce).map((step) => [step, run(step)]));
    for (const step of this.#steps.reverse()) await (begun.get(step) ?? run(step));
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
  }
}

export interface Life {
  readonly log: Logger;
  readonly tracer: Tracer;
  /** What `start` opens registers its closing here. */
  readonly closer: Closer;
  /** Ends the service with status 1: for a fault that only a restart can mend. What can be closed is closed. */
  readonly fail: (error: Error) => void;
}

interface RunOptions {
  readonly log: Logger;
  /** Keep it below the pod's terminationGracePeriodSeconds. */
  readonly shutdownTimeoutMs: number;
}

/**
 * Runs a service: start, wait for SIGTERM or SIGINT, close everything in reverse, exit 0.
 * A second signal exits at once with 1, and so does a shutdown that takes too long. A parent that started us with an
 * IPC channel and died counts as SIGTERM: no orphan stays behind.
 */
function run(start: (life: Omit<Life, 'tracer'>) => Promise<void>, { log, shutdownTimeoutMs }: RunOptions): void {
  const closer = new Closer();
  let stopping = false;

  const stop = (why: string, status: number) => {
    if (stopping) {
      log.warn({ why }, 'stopping at once');
      process.exit(1);
    }
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error({ shutdownTimeoutMs }, 'stopping took too long');
      process.exit(1);
    }, shutdownTimeoutMs).unref();
    closer.close(log).then(
      () => {
        log.info('stopped');
        process.exit(status);
      },
      () => process.exit(1),
    );
  };

  const fail = (error: Error) => {
    if (error instanceof StartError) log.fatal({ reason: error.message }, 'could not start');
    else log.fatal({ err: error }, 'giving up');
    if (!stopping) stop('failure', 1);
  };

  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('disconnect', () => {
    if (!stopping) stop('the parent process ended', 0);
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', (reason) => fail(asError(reason)));

  start({ log, closer, fail }).catch((thrown) => fail(asError(thrown)));
}

/** What the settings of every service hold. */
export const lifecycleSettings = {
  ...logSettings,
  ...tracingSettings,
  shutdownTimeoutMs: integer('SHUTDOWN_TIMEOUT_MS', '25000', 'a shutdown that takes longer is cut off', [1, 600_000]),
};

export interface Service<S extends typeof lifecycleSettings> {
  /** As logs and `/health` show it. */
  readonly name: string;
  readonly settings: S;
  readonly start: (values: Values<S>, life: Life) => Promise<void>;
}

/**
 * Reads the settings and runs the service. A faulty configuration ends it with status 1, after one line on standard
 * error that names every fault.
 */
export function runService<S extends typeof lifecycleSettings>(service: Service<S>, environment: Environment): void {
  const { name, settings, start } = service;
  const values = valuesOrExit(settings, environment);
  const ours = values as Values<typeof lifecycleSettings>;
  const startTraced = async (life: Omit<Life, 'tracer'>) => {
    const { tracer, close } = await startTracing(name, ours, life.log);
    life.closer.add('tracing', close);
    await start(values, { ...life, tracer });
  };
  run(startTraced, { log: createLog(name, ours), shutdownTimeoutMs: ours.shutdownTimeoutMs });
}

function valuesOrExit<S extends Settings>(settings: S, environment: Environment): Values<S> {
  try {
    return readSettings(settings, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
