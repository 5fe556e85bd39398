import { describe, expect, it } from '@jest/globals';
import { SetupError } from '../embedded/setup-error.ts';
import { type Program, type Running, Supervisor, type SupervisorEvent } from './supervisor.ts';

interface Process {
  readonly replica: number;
  /** Ends as if by itself. */
  end: (how: string) => void;
}

/** Programs whose processes are promises, a clock that only tests move, and pauses that end when they are told. */
function world() {
  const events: SupervisorEvent[] = [];
  const processes: Process[] = [];
  const log: string[] = [];
  const pauses: { ms: number; end: () => void }[] = [];
  const clock = { nowMs: 0 };
  const supervisor = new Supervisor({
    nowMs: () => clock.nowMs,
    report: (event) => events.push(event),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push({ ms, end: resolve });
        signal.addEventListener('abort', () => resolve());
      }),
  });
  const start = async (name: string, replica: number): Promise<Running> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    processes.push({ replica, end: resolve });
    log.push(`start ${name} ${replica}`);
    return {
      pid: processes.length,
      ended: promise,
      kill: () => resolve('was ended by SIGKILL'),
      async stop() {
        log.push(`stop ${name} ${replica}`);
        resolve('ended with status 0');
      },
    };
  };
  const program = (name: string): Program => ({ name, start: (replica) => start(name, replica) });
  return { supervisor, events, processes, log, pauses, clock, program };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !condition(); turn += 1) await Promise.resolve();
  expect(condition()).toBe(true);
}

describe('Supervisor', () => {
  it('starts what ended again after a growing pause, and tells both', async () => {
    const { supervisor, events, processes, pauses, clock, program } = world();
    await supervisor.run(program('orders'));
    for (const ms of [1_000, 2_000, 4_000]) {
      processes.at(-1)?.end('was ended by SIGKILL');
      await until(() => pauses.at(-1)?.ms === ms);
      expect(events.at(-1)).toEqual({ kind: 'ended', name: 'orders', how: 'was ended by SIGKILL', pauseMs: ms });
      pauses.at(-1)?.end();
      await until(() => events.at(-1)?.kind === 'back');
    }
    clock.nowMs += 60_000;
    processes.at(-1)?.end('was ended by SIGKILL');
    await until(() => pauses.length === 4);
    expect(pauses.at(-1)?.ms).toBe(1_000);
  });

  it('gives up on what fails three times before it was ever ready', async () => {
    const { supervisor, events, pauses } = world();
    const started = supervisor.run({ name: 'orders', start: () => Promise.reject(new Error('ended with status 1')) });
    for (const count of [1, 2]) {
      await until(() => pauses.length === count);
      pauses.at(-1)?.end();
    }
    await expect(started).rejects.toThrow('ended with status 1');
    expect(events).toHaveLength(2);
  });

  it('does not try again what only a person can mend', async () => {
    const { supervisor, pauses } = world();
    const started = supervisor.run({ name: 'kafka', start: () => Promise.reject(new SetupError('Java is missing.')) });
    await expect(started).rejects.toThrow('Java is missing.');
    expect(pauses).toEqual([]);
  });

  it('stops in the given order, one after the other, and starts nothing any more', async () => {
    const { supervisor, log, events, program } = world();
    await supervisor.run(program('kafka'));
    await supervisor.run(program('orders'));
    const steps: string[] = [];
    await supervisor.stopAll(['payments', 'orders', 'kafka'], async (name, stop) => {
      await stop();
      steps.push(name);
    });
    expect(steps).toEqual(['orders', 'kafka']);
    expect(log.slice(2)).toEqual(['stop orders 1', 'stop kafka 1']);
    expect(events).toEqual([]);
    await expect(supervisor.run(program('orders'))).rejects.toThrow('everything is being stopped');
  });

  it('does not start again what was stopped during its pause', async () => {
    const { supervisor, processes, pauses, program } = world();
    await supervisor.run(program('orders'));
    processes[0]?.end('was ended by SIGKILL');
    await until(() => pauses.length === 1);
    await supervisor.stopAll(['orders'], (_name, stop) => stop());
    expect(processes).toHaveLength(1);
  });

  it('stops a process that became ready while it was told to stop', async () => {
    const { supervisor, log, program } = world();
    const gate = Promise.withResolvers<void>();
    const slow = program('orders');
    const started = supervisor.run({
      name: 'orders',
      start: (...args) => gate.promise.then(() => slow.start(...args)),
    });
    const stopped = supervisor.stopAll(['orders'], (_name, stop) => stop());
    gate.resolve();
    await stopped;
    expect(log).toEqual(['start orders 1', 'stop orders 1']);
    await expect(started).rejects.toThrow('was stopped');
  });

  it('adds and removes replicas, the highest first', async () => {
    const { supervisor, log, program } = world();
    await supervisor.run(program('payments'));
    await supervisor.scale('payments', 3);
    expect(supervisor.replicas('payments').map(({ replica, pid }) => [replica, pid])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    await supervisor.scale('payments', 1);
    expect(log.slice(3)).toEqual(['stop payments 2', 'stop payments 3']);
    expect(supervisor.replicas('payments')).toHaveLength(1);
    await expect(supervisor.scale('nothing', 1)).rejects.toThrow('Nothing called nothing is running.');
  });

  it('never gives up on a replica that is added later, and pauses longer and longer', async () => {
    const { supervisor, processes, pauses, program } = world();
    const steady = program('payments');
    let isAway = false;
    const start: Program['start'] = (...given) =>
      isAway ? Promise.reject(new Error('ended with status 1')) : steady.start(...given);
    await supervisor.run({ name: 'payments', start });
    isAway = true;
    const scaled = supervisor.scale('payments', 2);
    for (const ms of [1_000, 2_000, 4_000, 8_000]) {
      await until(() => pauses.at(-1)?.ms === ms);
      isAway = ms < 8_000;
      pauses.at(-1)?.end();
    }
    await scaled;
    expect(processes.map(({ replica }) => replica)).toEqual([1, 2]);
  });
});
