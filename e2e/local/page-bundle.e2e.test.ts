import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../scripts/testing/call.ts';
import { inTime } from '../../scripts/testing/in-time.ts';
import { until } from '../../scripts/testing/until.ts';
import { Chromium } from './chromium.ts';

jest.setTimeout(60_000);

const root = join(import.meta.dirname, '../..');
// Nothing is there: the page must come without Kafka, to say so.
const environment = {
  PORT: '0',
  HOST: '127.0.0.1',
  KAFKA_BROKERS: '127.0.0.1:1',
  PROCESSES_URL: 'http://127.0.0.1:1',
  PROCESSES_TOKEN: 'none',
};

let chromium: Chromium;
beforeAll(async () => {
  chromium = await Chromium.open();
});
afterAll(() => chromium?.close());

async function portOf(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: output })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number };
    if (msg === 'listening' && port !== undefined) return port;
  }
  throw new Error('the bundle ended before it listened');
}

describe('the bundle of the lag controller', () => {
  it('has the page with it, where nothing else of the repository is, and is not ready before Kafka has answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shop-bundle-'));
    await promisify(execFile)(process.execPath, ['scripts/bundle.ts', 'lag-controller', folder], { cwd: root });
    const child = spawn(process.execPath, [join(folder, 'main.mjs')], { env: environment, cwd: folder });
    try {
      const url = `http://127.0.0.1:${await inTime(30_000, portOf(child.stdout))}`;
      const tab = await chromium.tab(`${url}/`, {
        width: 800,
        height: 600,
        colours: 'light',
      });
      child.stdout.resume();
      await until('a round is shown', async () => (await tab.text('#now')).includes('Hold: unknown data.'));
      expect(await tab.text('#now')).toContain('Kafka does not answer');
      expect(tab.faults).toEqual([]);
      const { status, body } = await call(`${url}/readyz`);
      expect([status, body.failed]).toEqual([503, { kafka: expect.any(String) }]);
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    }
  });
});
