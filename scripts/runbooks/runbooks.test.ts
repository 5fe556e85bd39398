import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '../metrics/catalogue.ts';
import { codeOf, linksOf } from './runbook.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/runbooks');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const pages = new Map(readdirSync(folder).map((name) => [name, read(folder, name)]));
const commandsIn = (page: string) => codeOf(page).commands;

function sourcesIn(under: string): string[] {
  return readdirSync(join(root, under), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|yaml|tpl)$/.test(path) && !/node_modules|runbooks|\.(test|fixture)\.ts$/.test(path))
    .map((path) => read(root, under, path));
}

/** What a reader puts something in the place of, and what Kubernetes says. */
const ofOthers = [
  ...['NAMESPACE', 'ID', 'POD'],
  ...['forbidden', 'Pending', 'ImagePullBackOff', 'CrashLoopBackOff', 'PATCH'],
];

describe('a runbook', () => {
  it('is read for its commands, without their comments, and for the names in it', () => {
    const page =
      'A `code`.\n\n```\nnpm run dlq -- list   # all\ncurl -s http://x | grep a\n```\n\nThen `kubectl get\npods`.\n';
    expect(codeOf(page)).toEqual({
      commands: ['npm run dlq -- list', 'curl -s http://x | grep a', 'kubectl get pods'],
      names: ['code'],
    });
  });
});

describe.each([...pages])('the runbook %s', (_, page) => {
  it('leads to chapters that there are', () => {
    for (const { page: name, anchor } of linksOf(page)) {
      const chapters = [...(pages.get(name) ?? '').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title.toLowerCase(),
      );
      expect([name, anchor, chapters]).toEqual([name, anchor, anchor ? expect.arrayContaining([anchor]) : chapters]);
      expect(pages.has(name)).toBe(true);
    }
  });

  it('names nothing that the code, the charts and the manifests do not have', () => {
    const sources = ['services', 'scripts', 'charts', 'k8s'].flatMap(sourcesIn).join('\n');
    const words = (name: string) => (sources.includes(name) ? [] : name.split(/[^\w-]+/).filter(Boolean));
    const unknown = codeOf(page)
      .names.flatMap(words)
      .filter((word) => !ofOthers.includes(word) && !sources.includes(word));
    expect(unknown).toEqual([]);
  });

  it('gives commands of npm that there are, with flags that they take', () => {
    const { scripts } = JSON.parse(read(root, 'package.json')) as { scripts: Record<string, string> };
    for (const command of commandsIn(page)) {
      const [, name, rest = ''] = /npm run ([\w-]+)(?: -- (.*))?/.exec(command) ?? [];
      if (name === undefined) continue;
      expect(Object.keys(scripts)).toContain(name);
      const help = read(root, 'scripts', `${name}.ts`);
      const [first = ''] = rest.split(' ');
      const flags = rest.split(' ').filter((word) => word.startsWith('--'));
      expect([command, ...[first, ...flags].filter((word) => !help.includes(word))]).toEqual([command]);
    }
  });

  it('asks kubectl about what the charts and manifests make', () => {
    const manifests = sourcesIn('k8s').join('\n');
    for (const command of commandsIn(page).filter((line) => line.startsWith('kubectl'))) {
      expect(command).toMatch(/^kubectl -n NAMESPACE /);
      for (const [, name = ''] of command.matchAll(/(?:deployment\/|kubernetes\.io\/name=)([\w-]+)/g))
        if (![...serviceNames, 'dead-letters'].includes(name))
          expect(manifests).toContain(`app.kubernetes.io/name: ${name}`);
    }
  });
});
