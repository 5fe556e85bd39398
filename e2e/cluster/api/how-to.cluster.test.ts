/** The commands of docs/how-to, as far as they can be tried without what they work on: each was also followed on a cluster. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operator } from '../../../scripts/cluster/plan.ts';
import { type Cluster, kubectl, openCluster } from '../cluster.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'docs/how-to');
const files = readdirSync(folder);
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const blocksOf = (text: string, language = '') =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, word, block = '']) =>
    word === language ? [block] : [],
  );

/** Each on one line, without the prompt and the remark behind it. */
const commandsOf = (file: string) =>
  blocksOf(textOf(file))
    .flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .flatMap((line) => /^(?:\$ )?((?:helm|kubectl|npm run) .*?)(?:\s{2,}#.*)?$/.exec(line)?.[1] ?? []);
const all = files.flatMap((file) => commandsOf(file).map((command) => [file, command] as const));
const installs = all.filter(([, command]) => /^helm (install|upgrade) (?!.*oci:)/.test(command));

const staging = 'shop charts/shop -f charts/shop/values-staging.yaml --set provider.enabled=true';

/** What the file said before of the same release, for a command that keeps the values. */
function kept([file, command]: readonly [string, string]): string {
  const [, release] = / ([\w-]+) charts\//.exec(command) ?? [];
  const index = installs.findIndex(([, one]) => one === command);
  const before = installs
    .slice(0, index)
    .filter(([other, one]) => other === file && one.includes(` ${release} charts/`));
  const options = before.map(([, one]) => one.replace(/^.* charts\/\S+/, '').replace(' --reuse-values', '')).join(' ');
  return release === 'shop' && options === '' ? staging.replace('shop charts/shop', '') : options;
}

describe('the how-tos', () => {
  let cluster: Cluster;
  let values: string;

  beforeAll(async () => {
    cluster = await openCluster('how-to');
    values = await mkdtemp(join(tmpdir(), 'how-to-'));
    const [yaml = ''] = blocksOf(textOf('external-kafka-and-mongodb.md'), 'yaml');
    const [kafka = '', controller = '', shop = ''] = yaml.split('---\n');
    for (const [name, content] of Object.entries({ kafka, controller, shop }))
      await writeFile(join(values, `${name}.yaml`), content);
  });
  afterAll(async () => {
    await rm(values, { recursive: true });
    await cluster.remove();
  });

  const rendered = async (install: readonly [string, string]) => {
    const command = install[1]
      .replace(/^helm (install|upgrade)( --install)?/, 'helm template')
      .replace(/ shop (charts\/shop )?…/, ` ${staging}`)
      .replace(' --wait', '')
      .replace(' --reuse-values', ` ${kept(install).replaceAll(' --wait', '')}`)
      .replaceAll(/-f (kafka|controller|shop)\.yaml/g, `-f ${values}/$1.yaml`);
    const env = { ...process.env, REGISTRY: 'ghcr.io/me/shop', VERSION: '20261130' };
    return (await run('sh', ['-c', command], { cwd: root, env, maxBuffer: 2 ** 24 })).stdout;
  };

  const refused = installs.filter(([, command]) => /… --set payments.autoscaling.maxReplicas=12/.test(command));

  it.each(installs.filter((install) => !refused.includes(install)))(
    'of %s have values that the charts take: %s',
    async (...install) => {
      expect(await rendered(install)).toContain('kind: Deployment');
    },
  );

  it('install the operator that `up` installs, with its values', () => {
    const commands = all.map(([, command]) => command).filter((command) => /^helm install .*oci:/.test(command));
    const { release, namespace, chart, version, values: file } = operator;
    expect(commands).toEqual([
      `helm install ${release} ${chart} --version ${version} -n ${namespace} --create-namespace -f ${file} --wait`,
    ]);
  });

  it('tell of a refusal in the words of the chart', async () => {
    expect(refused).toHaveLength(1);
    for (const install of refused)
      await expect(rendered(install)).rejects.toThrow('is 12, but orders.created has 6 partitions (kafka.partitions)');
  });

  it('name folders and files that are there, and scripts', () => {
    const paths = all.flatMap(([file, command]) =>
      [...command.matchAll(/ -[kf] ((?:k8s|charts)\/\S+)/g)].map(([, path = '']) => [
        file,
        path,
        existsSync(join(root, path)),
      ]),
    );
    expect(paths.length).toBeGreaterThan(8);
    expect(paths.filter(([, , isThere]) => !isThere)).toEqual([]);
    const named = all.flatMap(([, command]) => /^npm run (\S+)/.exec(command)?.[1] ?? []);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    for (const file of files)
      for (const [, link = ''] of textOf(file).matchAll(/\]\(([^)#:]+)(?:#\S*)?\)/g))
        expect([file, link, existsSync(join(dirname(join(folder, file)), link))]).toEqual([file, link, true]);
  });

  it('make what the API server takes', async () => {
    const [, scaler = ''] = /<<END\n([\s\S]*?)END$/m.exec(textOf('scale-your-own-consumer.md')) ?? [];
    const path = join(values, 'scaler.yaml');
    await writeFile(path, scaler);
    const taken = ['--namespace', cluster.namespace, 'apply', '--dry-run=server', '--validate=strict', '-f', path];
    expect(await kubectl(taken)).toContain('lagscaler.lagscaler.io/workers created');
    const makers = all.filter(([, command]) => /^kubectl create (secret|service|namespace) /.test(command));
    expect(makers.length).toBeGreaterThan(5);
    await writeFile(join(values, 'ca.crt'), 'certificate');
    for (const [, command] of makers) await run('sh', ['-c', `${command} --dry-run=client`], { cwd: values });
  });
});
