import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findRabbit } from '../../scripts/embedded/rabbitmq/program.ts';
import { startOfProcess } from '../../scripts/local/process-identity.ts';
import { metricCatalogue } from '../../scripts/metrics/catalogue.ts';
import { codeOf } from '../../scripts/runbooks/runbook.ts';
import { call } from '../../scripts/testing/call.ts';
import { killRuns, NpmRun } from './npm-run.ts';
import { atPortsOf, ownPorts } from './own-ports.ts';

jest.setTimeout(120_000);

const root = join(import.meta.dirname, '../..');

/** Commands that change something, ask a cluster or RabbitMQ, or show a dead letter, of which there is none. */
const notHere = /--execute|^kubectl|^helm|npm run (up|forward|notifications)|dlq -- show/;

/** The processes that the list of addresses names. */
function pidsIn(output: string): Map<string, number> {
  const lines = output.matchAll(/^ {2}([\w-]+) +\S+ {2}process (\d+)$/gm);
  return new Map([...lines].map(([, name = '', pid]) => [name, Number(pid)]));
}

async function gone(pids: Iterable<number>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (const pid of pids)
    while (startOfProcess(pid) !== undefined) {
      if (Date.now() > deadline) throw new Error(`process ${pid} is still there`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

describe('npm start', () => {
  let dataDir: string;
  let environment: Record<string, string>;
  let shop: NpmRun;
  let pids: Map<string, number>;
  /** RabbitMQ is run where there is one. */
  let queue: string[];

  const start = (args: string[] = [], changes: Record<string, string> = {}) =>
    new NpmRun(['start', '--', ...args], { ...environment, ...changes });

  async function started(): Promise<NpmRun> {
    shop = start();
    await shop.match(/Ctrl-C stops everything/);
    pids = pidsIn(shop.output);
    return shop;
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'shop-start-'));
    environment = { SHOP_DATA_DIR: dataDir, ...(await ownPorts()) };
    queue = (await findRabbit(process.env)) ? ['RabbitMQ'] : [];
    await started();
  });

  afterAll(async () => {
    await killRuns();
    await gone(pids.values());
    await rm(dataDir, { recursive: true });
  });

  it('shows an order from PENDENTE to PAGO', async () => {
    await shop.match(/PENDENTE → PAGO/);
    await shop.match(/The shop is up after/);
    expect([...pids.keys()]).toEqual([
      'clients',
      'products',
      'provider',
      'orders',
      'payments',
      'notifications',
      'lag-controller',
      'Kafka',
      'MongoDB',
      ...queue,
    ]);
  });

  it('prints calls that work as they stand', async () => {
    const commands = [...shop.output.matchAll(/^ +(curl .*)$/gm)].map(([, command = '']) => command);
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --write-out ' %{http_code}'`]);
      expect(`${command}: ${stdout}`).toMatch(/ 20[01]$/);
    }
  });

  it.each(['', ' a second time'])('answers the calls of the README as they stand%s', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, calls = ''] = /## The API, by curl\n\n```\n(.*?)```/s.exec(readme) ?? [];
    const { stdout } = await promisify(execFile)('sh', ['-c', atPortsOf(environment, calls)]);
    expect(stdout).toMatch(/"status":"PAGO".*"status":409.*"status":"paid".*"status":"sen(ding|t)"/s);
  });

  it('places a load of orders of which none is lost or paid twice', async () => {
    const load = new NpmRun(['run', 'load', '--', '--orders', '40', '--rate', '20'], environment);
    expect(await load.exited).toBe(0);
    expect(load.output).toContain('decided    40: PAGO 40, FALHA 0, CANCELADO 0; lost 0');
    expect(load.output).toContain("charged    40 times by the provider's own ledger, 0 orders wrongly");
  });

  it('answers the commands of the runbooks that only look', async () => {
    const folder = join(root, 'docs/runbooks');
    const pages = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const commands = new Set(pages.flatMap((page) => codeOf(page).commands).filter((line) => !notHere.test(line)));
    expect(commands.size).toBeGreaterThan(10);
    const env = { ...process.env, KAFKA_BROKERS: `127.0.0.1:${environment.KAFKA_PORT}` };
    for (const command of commands) {
      const here = atPortsOf(environment, command)
        .replace('FILE', join(dataDir, 'logs/decisions.jsonl'))
        .replace('--partition P --to OFFSET', '--partition 0 --to 0');
      const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', here], { cwd: root, env });
      expect(`${command}: ${stdout}`).toMatch(/: .*\w/s);
    }
  });

  it('has services with just the metrics that docs/metrics.md lists for them', async () => {
    const ofQueue = /^notification_(tasks|queue)_/;
    const listed = metricCatalogue().filter(({ name }) => queue.length > 0 || !ofQueue.test(name));
    for (const service of [...pids.keys()].filter((name) => /^[a-z]/.test(name))) {
      const port = environment[`${service.toUpperCase().replace('-', '_')}_PORT`];
      const { text } = await call(`http://127.0.0.1:${port}/metrics`);
      const names = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
      const expected = listed.filter(({ services }) => services.includes(service)).map(({ name }) => name);
      expect([service, ...names.sort()]).toEqual([service, ...expected]);
    }
  });

  it('refuses a second run in one sentence', async () => {
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output).toContain('The shop is running already (process ');
    expect(second.output).not.toContain('at http');
  });

  it('starts a service that was killed again, and shows its end', async () => {
    process.kill(pids.get('orders') as number, 'SIGKILL');
    await shop.match(/orders was ended by SIGKILL; .*starting it again in 1\.0 s/);
    const [, pid] = await shop.match(/orders is up again \(process (\d+)\)/);
    pids.set('orders', Number(pid));
    const { status } = await call(`http://127.0.0.1:${environment.ORDERS_PORT}/readyz`);
    expect(status).toBe(200);
  });

  it('stops everything in order when npm is told to, and leaves no process and no lock', async () => {
    shop.signal('SIGTERM');
    expect(await shop.exited).toBe(0);
    const stopped = [...shop.output.matchAll(/✓ Stopping ([\w-]+)/g)].map(([, name]) => name);
    expect(stopped).toEqual([
      'lag-controller',
      'payments',
      'orders',
      'notifications',
      'clients',
      'products',
      'provider',
      ...queue,
      'Kafka',
      'MongoDB',
    ]);
    expect([...pids.values()].filter((pid) => startOfProcess(pid) !== undefined)).toEqual([]);
    expect(existsSync(join(dataDir, 'run.lock'))).toBe(false);
  });

  it('leaves no process when it is killed itself, and the next run takes over at once and ends by itself', async () => {
    await started();
    shop.kill();
    expect(existsSync(join(dataDir, 'run.lock'))).toBe(true);
    const next = start(['--once']);
    expect({ code: await next.exited, output: next.output }).toEqual({
      code: 0,
      output: expect.stringMatching(/PENDENTE → PAGO/),
    });
    await gone(pids.values());
    expect(existsSync(join(dataDir, 'run.lock'))).toBe(false);
  });

  it('names a port that is taken and the variable that moves it', async () => {
    const server = createServer().listen(Number(environment.PRODUCTS_PORT), '127.0.0.1');
    await once(server, 'listening');
    const run = start();
    expect(await run.exited).toBe(1);
    server.close();
    expect(run.lastLine).toBe(
      `Port ${environment.PRODUCTS_PORT} for products is taken: end the program that uses it, or set PRODUCTS_PORT to a free port.`,
    );
  });

  it.each([
    ['KAFKA_BROKERS', 'nowhere', 'KAFKA_BROKERS must be host:port'],
    ['KAFKA_BROKERS', '127.0.0.1:1', 'KAFKA_BROKERS is 127.0.0.1:1, but that can'],
    ['MONGODB_URI', 'localhost', 'MONGODB_URI must be mongodb://'],
    ['JAVA_HOME', '/nowhere', 'JAVA_HOME is /nowhere'],
  ])('ends with one sentence for %s=%s', async (variable, value, sentence) => {
    const run = start([], { [variable]: value });
    expect(await run.exited).toBe(1);
    expect(run.lastLine).toContain(sentence);
    expect(run.output).not.toContain('at http');
    expect(existsSync(join(dataDir, 'run.lock'))).toBe(false);
  });

  it('refuses a flag that it does not know', async () => {
    const run = start(['--twice']);
    expect(await run.exited).toBe(1);
    expect(run.lastLine).toBe("Unknown option '--twice': `npm start -- --help` lists what there is.");
  });
});
