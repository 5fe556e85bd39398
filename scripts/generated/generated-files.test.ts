import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { topics } from '../../services/shared/src/contracts/topics.ts';
import { asyncApi, asyncApiYaml, type Json } from './async-api.ts';
import { compareFiles, withConfiguration } from './generated-files.ts';
import { programs, settingsPage } from './settings-page.ts';

describe('generated files', () => {
  let root: string;
  const files = [{ path: 'docs/asyncapi.yaml', render: () => asyncApiYaml() }];
  const documented = () => join(root, 'docs/asyncapi.yaml');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'generated-'));
    mkdirSync(join(root, 'docs'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are written once, and are then as the code says', () => {
    expect(compareFiles(root, files, { write: true }).stale).toEqual(['docs/asyncapi.yaml']);
    expect(compareFiles(root, files, { write: false })).toEqual({ stale: [], problems: [] });
  });

  it('are told stale when somebody edits them, and left as they are by a check', () => {
    compareFiles(root, files, { write: true });
    const edited = readFileSync(documented(), 'utf8').replace('partitions: 6', 'partitions: 7');
    writeFileSync(documented(), edited);
    expect(compareFiles(root, files, { write: false }).stale).toEqual(['docs/asyncapi.yaml']);
    expect(readFileSync(documented(), 'utf8')).toBe(edited);
  });

  it('tell of every topic and its partitions', () => {
    const { channels } = parse(asyncApiYaml()) as { channels: object };
    expect(Object.values(channels).map(({ address, bindings }) => [address, bindings.kafka.partitions])).toEqual(
      topics.map((topic) => [topic, 6]),
    );
  });
});

describe('the AsyncAPI document', () => {
  it('refers only to what it holds', () => {
    const document = asyncApi();
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string);
    expect(references.length).toBeGreaterThan(10);
    const find = (path: string) =>
      path.split('/').reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document);
    expect(references.filter((path) => find(path) === undefined)).toEqual([]);
  });

  it('says who sends and who receives what, and in which group', () => {
    const { operations } = asyncApi() as { operations: Record<string, Json & { bindings: { kafka: Json } }> };
    expect(
      Object.values(operations).map(({ action, channel, tags, bindings }) => [
        (tags as { name: string }[])[0]?.name,
        action,
        (channel as { $ref: string }).$ref.split('/').at(-1),
        bindings.kafka.groupId,
      ]),
    ).toEqual([
      ['orders', 'send', 'ordersCreated', undefined],
      ['orders', 'send', 'ordersPaid', undefined],
      ['orders', 'send', 'ordersFailed', undefined],
      ['payments', 'receive', 'ordersCreated', { type: 'string', const: 'payments-service-group' }],
      ['payments', 'send', 'paymentsServiceGroupOrdersCreatedDlq', undefined],
      ['notifications', 'receive', 'ordersPaid', { type: 'string', const: 'notifications-service-group' }],
      ['notifications', 'send', 'notificationsServiceGroupOrdersPaidDlq', undefined],
      ['notifications', 'receive', 'ordersFailed', { type: 'string', const: 'notifications-service-group' }],
      ['notifications', 'send', 'notificationsServiceGroupOrdersFailedDlq', undefined],
    ]);
  });
});

describe('the page of settings', () => {
  it('names every variable of every service once, with its default and meaning', async () => {
    const all = await programs();
    expect(all.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['`npm start`', 'clients', 'orders', 'payments', 'products', 'provider']),
    );
    for (const program of all) {
      const page = settingsPage([program]);
      for (const { variable, about } of Object.values(program.settings)) {
        expect(page.split(`| \`${variable}\` |`)).toHaveLength(2);
        expect(page).toContain(about.replaceAll('|', '\\|'));
      }
    }
  });

  it('tells what must be set, what may be left out, and what is secret, and shows no path of this machine', async () => {
    const setting = { variable: 'A', about: 'x|y', fallback: undefined, optional: false, secret: true, parse: String };
    const settings = { a: setting, b: { ...setting, variable: 'B', optional: true, secret: false } };
    const page = settingsPage([{ title: 'one', settings }]);
    expect(page).toContain('| `A` | **required** | x\\|y (secret: never shown) |');
    expect(page).toContain('| `B` | optional | x\\|y |');
    expect(settingsPage(await programs())).not.toContain(join(import.meta.dirname, '../..'));
  });
});

describe('the tables of a README', () => {
  it('replace what stands between their marks and leave the rest alone', () => {
    const readme = '# Shop\n\n<!-- configuration:begin -->\nold\n<!-- configuration:end -->\n\nafter\n';
    const written = withConfiguration(readme, 'new') as string;
    expect(written).toBe('# Shop\n\n<!-- configuration:begin -->\n\nnew\n\n<!-- configuration:end -->\n\nafter\n');
    expect(withConfiguration(written, 'new')).toBe(written);
  });

  it('go to the end of a README without marks, and nowhere without a README or with half of the marks', () => {
    expect(withConfiguration('# Shop\n', 'new')).toMatch(
      /^# Shop\n\n<!-- configuration:begin -->\n\nnew\n\n.*end -->\n$/,
    );
    expect(String(withConfiguration(undefined, 'new'))).toMatch(/does not exist/);
    expect(withConfiguration('<!-- configuration:end --> <!-- configuration:begin -->', 'new')).toBeInstanceOf(Error);
  });
});
