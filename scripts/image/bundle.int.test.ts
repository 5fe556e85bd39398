import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../testing/until.ts';

jest.setTimeout(60_000);

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
let running: ChildProcess | undefined;

/** Runs a bundle where no package can be found, and answers its address. @throws what it wrote instead of listening */
async function run(service: string, env: Record<string, string>): Promise<string> {
  const main = join(folder, service, 'main.mjs');
  const child = spawn(process.execPath, ['--enable-source-maps', main], { cwd: folder, env: { PORT: '0', ...env } });
  running = child;
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const port = /"port":(\d+),"msg":"listening"/.exec(line)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(lines.join('\n'));
}

describe('a bundle', () => {
  beforeAll(() => {
    for (const service of ['provider', 'lag-controller', 'payments'])
      execFileSync(process.execPath, [join(root, 'scripts/bundle.ts'), service, join(folder, service)]);
  });
  afterEach(() => void running?.kill('SIGKILL'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs without any package, and sends its documentation', async () => {
    const url = await run('provider', { PROVIDER_LEDGER_FILE: join(folder, 'ledger.jsonl') });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/docs/swagger-ui-bundle.js`)).text()).toContain('SwaggerUIBundle');
  });

  it('sends the page of the lag controller, and all that the page asks for', async () => {
    const url = await run('lag-controller', { PROCESSES_URL: 'http://127.0.0.1:1', PROCESSES_TOKEN: 'none' });
    const page = await (await fetch(url)).text();
    const asked = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
    expect(asked.length).toBeGreaterThan(3);
    for (const path of asked) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
    const script = await (await fetch(`${url}/page/browser/start.ts`)).text();
    expect(script).not.toMatch(/\bimport\b/);
  });

  it('asks Kafka without any package', async () => {
    const { TEST_KAFKA_BROKERS: brokers = '' } = process.env;
    const target = { PROCESSES_URL: 'http://127.0.0.1:1', PROCESSES_TOKEN: 'none' };
    const url = await run('lag-controller', { KAFKA_BROKERS: brokers, ...target });
    const health = async () => (await (await fetch(`${url}/health`)).json()) as { kafka: string };
    await until('Kafka has answered', async () => (await health()).kafka === 'connected');
    expect(readFileSync(join(folder, 'lag-controller/sbom.cdx.json'), 'utf8')).not.toContain('"avsc"');
  });

  it('of payments has the commands for its dead letters and its group', () => {
    const { TEST_KAFKA_BROKERS: brokers = '' } = process.env;
    const options = { cwd: folder, encoding: 'utf8', env: { KAFKA_BROKERS: brokers } } as const;
    for (const command of ['dlq.mjs list', 'kafka.mjs reset --to latest']) {
      const [program = '', ...words] = `payments/${command} --topic none`.split(' ');
      const args = [join(folder, program), ...words];
      const { stderr } = spawnSync(process.execPath, args, { ...options, timeout: 30_000 });
      expect(stderr).toBe('Kafka has no topic "none": `npm run kafka -- topics` lists them.\n');
    }
  });

  it('tells in a list what it is made of', () => {
    const list = JSON.parse(readFileSync(join(folder, 'provider/sbom.cdx.json'), 'utf8'));
    const names = list.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['express', 'pino', 'swagger-ui-dist', 'zod']));
    expect(names).not.toContain('kafkajs');
    expect(existsSync(join(folder, 'provider/node_modules'))).toBe(false);
  });
});
