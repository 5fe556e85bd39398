import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SetupError } from '../embedded/setup-error.ts';
import { startOfProcess } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  /** As {@link startOfProcess} tells it: a lock whose process was killed is void, even if the id is in use again. */
  readonly start: string;
  readonly since: string;
}

export interface RunLock {
  /** True if a run that was killed had left its lock behind: its processes may still be ending. */
  readonly takenOver: boolean;
  /** Safe to call again; leaves a lock alone that is not ours. */
  readonly release: () => void;
}

/**
 * One shop per data folder. The lock is valid only while the process that took it lives.
 * @throws SetupError when another run holds it, or the folder can't be written.
 */
export function takeLock(file: string): RunLock {
  const own: Holder = { pid: process.pid, start: startOfProcess(process.pid) ?? '', since: new Date().toISOString() };
  let takenOver = false;
  while (!tryWrite(file, own)) {
    refuseIfAlive(read(file), file);
    removeVoid(file);
    takenOver = true;
  }
  return {
    takenOver,
    release() {
      if (read(file)?.pid === own.pid) rmSync(file, { force: true });
    },
  };
}

/** Written aside and linked, so that whoever reads the lock sees the whole of it. */
function tryWrite(file: string, holder: Holder): boolean {
  const aside = `${file}.${holder.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, `${JSON.stringify(holder)}\n`);
  } catch (error) {
    const { message } = error as Error;
    throw new SetupError(`${file} can't be written (${message}): set SHOP_DATA_DIR to a folder that can.`);
  }
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Another start may have replaced the void lock by its own in the meantime: what was moved away is looked at again. */
function removeVoid(file: string): void {
  const aside = `${file}.void.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const holder = read(aside);
    if (isAlive(holder)) linkSync(aside, file);
    refuseIfAlive(holder, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(holder: Holder | undefined): boolean {
  return holder !== undefined && startOfProcess(holder.pid) === holder.start;
}

function refuseIfAlive(holder: Holder | undefined, file: string): void {
  if (holder === undefined || !isAlive(holder)) return;
  throw new SetupError(
    `The shop is running already (process ${holder.pid}, since ${holder.since}, lock ${file}): stop it there with Ctrl-C or with \`kill ${holder.pid}\`, or set SHOP_DATA_DIR and the ports for a second one.`,
  );
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
