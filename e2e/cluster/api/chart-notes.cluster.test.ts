import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { charts, helm, helms, valueSets } from '../helm.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);

async function notes(chart: string, file: string, values: readonly string[]): Promise<string> {
  const folder = join(charts, chart);
  const wanted = ['--values', join(folder, file), ...values.flatMap((value) => ['--set', value])];
  const stdout = await helm(['install', 'r', folder, '--namespace', 'n', '--dry-run=client', ...wanted]);
  return stdout.slice(stdout.indexOf('NOTES:'));
}

/** The commands that the notes of the shop tell, each on one line. */
async function commands(file: string, ...values: string[]): Promise<string[]> {
  const told = await notes('shop', file, ['provider.url=https://pay.example.com', ...values]);
  const lines = told.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.flatMap((line) => /^ {2}((?:helm|kubectl) .*)/.exec(line)?.[1] ?? []);
}

describe('the notes of the shop', () => {
  it('tell how to try it and how to reach it', async () => {
    const told = await commands('ci/no-controller-values.yaml');
    expect(told).toContain('helm test r --namespace n');
    const forwarded = told.flatMap((command) => / port-forward .*service\/(two-\w+ \d+)/.exec(command)?.[1] ?? []);
    expect(forwarded).toEqual(['two-orders 3001', 'two-clients 3002', 'two-products 3003']);
    expect(told.filter((command) => command.includes('lag-controller'))).toEqual([]);
  });

  it.each(valueSets('shop').filter((file) => !file.includes('no-controller')))(
    'tell a command for the lag controller that its chart takes, with %s',
    async (file) => {
      const [install] = (await commands(file)).filter((command) => command.startsWith('helm install lag-controller'));
      const asTemplate = (install ?? '').replace('helm install', `"${helms['Helm 4']}" template`);
      const { stdout } = await run('sh', ['-c', asTemplate], { cwd: join(charts, '..') });
      expect(stdout).toContain('resourceNames: ["payments"]');
    },
  );

  it('tell it with the image from where those of the shop are', async () => {
    const image = ['image.registry=ghcr.io/me/shop', 'image.tag=1.2.3', 'imagePullSecrets[0].name=pull'];
    const [install] = (await commands('ci/staging-values.yaml', ...image)).filter((command) =>
      / lag-controller /.test(command),
    );
    expect(install).toContain(' --set image.repository=ghcr.io/me/shop/lag-controller --set-string image.tag=1.2.3 ');
    expect(install).toContain(`--set-json 'imagePullSecrets=[{"name":"pull"}]'`);
  });
});

describe('the notes of the lag controller', () => {
  it('print a LagScaler that a shell takes as it stands', async () => {
    const told = await notes('lag-controller', 'ci/strimzi-values.yaml', []);
    const [block = ''] = /^ *kubectl apply[\s\S]*?^ *END\n/m.exec(told) ?? [];
    const { stdout } = await run('sh', ['-c', `${block.replace(/kubectl apply .* -f -/, 'cat')}echo pasted`]);
    expect(stdout).toMatch(/^apiVersion: lagscaler\.io[\s\S]*lagSeconds: 30}\npasted\n$/);
  });
});

describe.each([
  ['shop', 'ci/staging-values.yaml', 'metricsFrom'],
  ['lag-controller', 'ci/strimzi-values.yaml', 'ingressFrom'],
])('the notes of %s', (chart, file, peers) => {
  it.each([
    ['warn', `networkPolicy.${peers}=null`, true],
    ['do not warn', 'networkPolicy.enabled=false', false],
    ['do not warn', 'podMonitor.interval=15s', false],
  ])('%s of a Prometheus that is not let in with %s', async (_, value, isTold) => {
    expect((await notes(chart, file, [value])).includes(`--set-json 'networkPolicy.${peers}=`)).toBe(isTold);
  });
});
