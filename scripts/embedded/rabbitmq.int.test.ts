import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { isListening } from './rabbitmq/probe.ts';
import { obtainRabbit } from './rabbitmq/program.ts';
import { type RabbitServer, startRabbit } from './rabbitmq.ts';

const timeoutMs = 120_000;
const running: RabbitServer[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-rabbitmq-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
}, timeoutMs);

async function start(port?: number): Promise<RabbitServer> {
  const server = await startRabbit({ port: port ?? (await freePort()), dataDir: join(folder, 'data') });
  running.push(server);
  return server;
}

describe('startRabbit', () => {
  it(
    'serves again on the same port after a stop and after SIGKILL, and leaves nothing that listens',
    async () => {
      const first = await start();
      const port = Number(new URL(first.url).port);
      await first.stop();
      expect(await first.exited).toEqual({ code: 0, signal: null });
      expect(await isListening(port)).toBe(false);

      const second = await start(port);
      second.kill();
      expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL' });

      const third = await start(port);
      expect(third.url).toBe(first.url);
    },
    timeoutMs,
  );

  it(
    'names the port that is taken and the variable that moves it',
    async () => {
      const { url } = await start();
      const port = Number(new URL(url).port);
      await expect(startRabbit({ port, dataDir: join(folder, 'other') })).rejects.toThrow(
        `Port ${port} for RabbitMQ is taken: end the program that uses it, or set RABBITMQ_PORT to a free port.`,
      );
    },
    timeoutMs,
  );
});

describe('obtainRabbit', () => {
  it('says what to install where there is neither RabbitMQ nor apt', async () => {
    const env = { PATH: folder };
    await expect(obtainRabbit({ env, onProgress: () => {}, cache: folder })).rejects.toThrow(
      'RabbitMQ is missing and there is no apt to fetch it: install RabbitMQ (Debian: rabbitmq-server).',
    );
  });
});
