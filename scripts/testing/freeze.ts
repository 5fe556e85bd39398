import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

/**
 * Stops a process as a paused machine does, until SIGCONT. Resolves once it stands still: on a busy machine its threads may
 * answer for a while after the signal, until the one that got it has been given a processor.
 */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until(`process ${pid} stands still`, async () => {
    const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)]);
    return stdout.trim().startsWith('T');
  });
}
