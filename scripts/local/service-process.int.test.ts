import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../embedded/free-port.ts';
import { startOfProcess } from './process-identity.ts';
import { serviceProgram } from './service-process.ts';
import type { Running } from './supervisor.ts';

const script = fileURLToPath(new URL('./fixture-service.ts', import.meta.url));
const never = new AbortController().signal;

describe('a service as a supervised process', () => {
  let logFolder: string;
  const started: Running[] = [];
  const alerts: string[] = [];

  beforeAll(async () => {
    logFolder = await mkdtemp(join(tmpdir(), 'shop-logs-'));
  });

  afterEach(async () => {
    for (const { kill, ended } of started.splice(0)) {
      kill();
      await ended;
    }
  });

  afterAll(() => rm(logFolder, { recursive: true }));

  const program = (env: Record<string, string>) =>
    serviceProgram({
      name: 'fixture',
      script,
      env: { ...process.env, NODE_OPTIONS: '', HOST: '127.0.0.1', ...env },
      logFolder,
      onAlert: (name, { message, reason }) => alerts.push(`${name}: ${message}: ${reason}`),
    });

  async function start(replica: number, env: Record<string, string>, signal = never): Promise<Running> {
    const running = await program(env).start(replica, signal);
    started.push(running);
    return running;
  }

  it('is ready at its port, writes its log file, and passes warnings on', async () => {
    const port = await freePort();
    const running = await start(1, { PORT: String(port) });
    expect(running.port).toBe(port);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ pid: running.pid });
    expect(alerts).toEqual(['fixture: a warning: of no importance']);
    await running.stop();
    await expect(running.ended).resolves.toBe('ended with status 0; it last said: stopping');
    expect(await readFile(join(logFolder, 'fixture.log'), 'utf8')).toContain('"listening"');
  });

  it('takes a free port and another log file as a further replica', async () => {
    const port = await freePort();
    const running = await start(2, { PORT: String(port) });
    expect(running.port).not.toBe(port);
    expect((await fetch(`http://127.0.0.1:${running.port}/readyz`)).status).toBe(200);
    await expect(readFile(join(logFolder, 'fixture-2.log'), 'utf8')).resolves.toContain('"listening"');
  });

  it('tells how it ended and what it said before it was ready', async () => {
    await expect(start(1, { PORT: '0', FIXTURE_BEHAVIOUR: 'crash' })).rejects.toThrow(
      'ended with status 1; it last said: Error: it does not want to',
    );
  });

  it('tells of a signal', async () => {
    const running = await start(1, { PORT: '0' });
    process.kill(running.pid, 'SIGKILL');
    await expect(running.ended).resolves.toContain('was ended by SIGKILL');
  });

  it('is gone once a start that was called off rejects', async () => {
    const controller = new AbortController();
    const alertsBefore = alerts.length;
    const starting = start(1, { PORT: '0', FIXTURE_BEHAVIOUR: 'never-ready' }, controller.signal);
    const refused = expect(starting).rejects.toThrow('was ended by SIGKILL');
    while (alerts.length === alertsBefore) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await refused;
  });

  it('keeps the log of the run before', async () => {
    await start(1, { PORT: '0' });
    await start(1, { PORT: '0' });
    await expect(readFile(join(logFolder, 'fixture.previous.log'), 'utf8')).resolves.toContain('"listening"');
  });
});

describe('startOfProcess', () => {
  it('is the same each time for one process, and undefined for none', () => {
    expect(startOfProcess(process.pid)).toBe(startOfProcess(process.pid));
    expect(startOfProcess(process.pid)).toBeDefined();
    expect(startOfProcess(2 ** 22 + 1)).toBeUndefined();
  });
});
