import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When the process with this id began, in whatever unit the system counts; `undefined` if there is none (any more).
 * Together with the id it names one process for good: ids are given out again, also after a restart of the machine.
 */
export function startOfProcess(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return startFromProc(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The name in the second field may hold spaces and brackets, so the fields are counted from behind its end. */
function startFromProc(stat: string): string | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}
