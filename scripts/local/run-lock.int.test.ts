import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOfProcess } from './process-identity.ts';
import { takeLock } from './run-lock.ts';

describe('takeLock', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shop-lock-'));
    file = join(folder, 'data', 'run.lock');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes the folder, refuses a second run in one sentence, and leaves nothing behind', () => {
    const lock = takeLock(file);
    expect(lock.takenOver).toBe(false);
    expect(() => takeLock(file)).toThrow(`running already (process ${process.pid}`);
    lock.release();
    expect(existsSync(file)).toBe(false);
    takeLock(file).release();
  });

  it('is void when its process was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid as number;
    takeLock(file).release();
    const held = JSON.stringify({ pid, start: startOfProcess(pid), since: '' });
    writeFileSync(file, held);
    expect(() => takeLock(file)).toThrow(`running already (process ${pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = takeLock(file);
    expect(lock.takenOver).toBe(true);
    lock.release();
  });

  it('is void when its process id was given to another process', () => {
    takeLock(file).release();
    writeFileSync(file, JSON.stringify({ pid: process.pid, start: 'earlier', since: '' }));
    expect(takeLock(file).takenOver).toBe(true);
  });

  it('is void when it is empty', () => {
    takeLock(file).release();
    writeFileSync(file, '');
    expect(takeLock(file).takenOver).toBe(true);
  });

  it('does not remove the lock of another run', () => {
    const lock = takeLock(file);
    const other = JSON.stringify({ pid: 1, start: startOfProcess(1), since: '' });
    writeFileSync(file, other);
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe(other);
  });

  it('names the variable when the folder can’t be written', () => {
    writeFileSync(join(folder, 'data'), '');
    expect(() => takeLock(file)).toThrow(/can't be written .* set SHOP_DATA_DIR/);
  });
});
