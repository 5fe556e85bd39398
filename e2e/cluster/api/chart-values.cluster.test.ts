import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { type ChartValue, chartValues } from '../../../scripts/charts/values-file.ts';
import { charts, type HelmMajor, helms, render, valueSets } from '../helm.ts';

jest.setTimeout(300_000);

const names = ['shop', 'lag-controller'] as const;
const valuesOf = (chart: string) => chartValues(readFileSync(join(charts, chart, 'values.yaml'), 'utf8'));

describe.each(names.flatMap((chart) => valueSets(chart).map((file) => [chart, file] as const)))(
  '%s with %s',
  (chart, file) => {
    it('is the same with Helm 3 and Helm 4', async () => {
      const [four, three] = await Promise.all(
        (Object.keys(helms) as HelmMajor[]).map((helm) => render(chart, { helm, files: [file] })),
      );
      expect(three?.objects).toEqual(four?.objects);
    });
  },
);

describe.each(names)('the values of %s', (chart) => {
  it('are those that its templates ask for', () => {
    const known = valuesOf(chart).map(({ path }) => path.join('.'));
    const folder = join(charts, chart, 'templates');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$/.test(file));
    const asked = files.flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/\.Values((?:\.\w+)+)/g),
    ]);
    const paths = new Set(asked.map(([, path]) => (path as string).slice(1)));
    const isKnown = (path: string) => known.some((one) => one === path || one.startsWith(`${path}.`));
    expect(paths.size).toBeGreaterThan(10);
    expect([...paths].filter((path) => !isKnown(path))).toEqual([]);
  });

  it('change each what is rendered, in one of the sets at least', async () => {
    const plain = await Promise.all(
      valueSets(chart).map(async (file) => [file, (await render(chart, { files: [file] })).text] as const),
    );
    const idle: string[] = [];
    for (const value of valuesOf(chart)) {
      const changed = await changesAny(chart, plain, value);
      if (!changed) idle.push(value.path.join('.'));
    }
    expect(idle).toEqual([]);
  });

  it.each([['repliaCount'], ['image.repo'], ['kafka.tls.enable'], ['networkPolicy.enable']])(
    'refuse %s, which is misspelt',
    async (path) => {
      const files = valueSets(chart).slice(0, 1);
      await expect(render(chart, { files, values: { [path]: 1 } })).rejects.toThrow('not allowed');
    },
  );

  it('refuse pods that would be cut off while they drain', async () => {
    const files = valueSets(chart).slice(0, 1);
    await expect(render(chart, { files, values: { 'shutdown.drainSeconds': 20 } })).rejects.toThrow(
      'shutdown.timeoutSeconds is 25, and shutdown.drainSeconds 20: what is in hand needs ten seconds after the drain at least',
    );
  });
});

/** Another value of the same kind, which the schema takes. */
function other({ path, value, schema }: ChartValue): unknown {
  const name = path.join('.');
  const chosen: Record<string, unknown> = {
    namePrefix: 'other-',
    'mongodb.uri': 'mongodb://other:1',
    'payments.autoscaling.minReplicas': 2,
    'payments.autoscaling.maxReplicas': 5,
    'kafka.partitions': 5,
    'auth.issuer': 'https://other',
    'auth.jwksUrl': 'https://other',
    'auth.paymentsSubjects': ['other'],
    'auth.subjects': ['other'],
    'notifications.channel': 'log',
    'notifications.webhookUrl': 'https://other',
    'tracing.endpoint': 'http://other:1',
    'tracing.share': 0.5,
    targets: [{ kind: 'Deployment', name: 'other' }],
    imagePullSecrets: [{ name: 'other' }],
    topologySpreadConstraints: [],
    'networkPolicy.consumers': [{ podSelector: {}, port: 1 }],
  };
  if (name in chosen) return chosen[name];
  if (path.at(-1)?.match(/[dD]igest$/)) return `sha256:${'b'.repeat(64)}`;
  if (path.at(-1) === 'resources') return { limits: { memory: '1Gi' } };
  if (Array.isArray(schema.enum)) return schema.enum.find((word) => word !== value && word !== 'tls');
  if (Array.isArray(value))
    return path.at(-1)?.endsWith('Ports') ? [1] : [{ podSelector: { matchLabels: { a: 'b' } } }];
  switch (typeof value) {
    case 'boolean':
      return !value;
    case 'number':
      return value + 1;
    case 'string':
      return 'other';
    default:
      return { OTHER: 'other' };
  }
}

/** What a set has to say as well, for a value to be of consequence. */
function company(path: string): object {
  if (path === 'payments.replicas') return { 'payments.autoscaling.enabled': false };
  if (path === 'serviceAccount.create') return { 'serviceAccount.name': 'other' };
  return {};
}

async function changesAny(chart: string, plain: (readonly [string, string])[], value: ChartValue): Promise<boolean> {
  const path = value.path.join('.');
  for (const [file, before] of plain) {
    const values = { ...company(path), [path]: other(value) };
    const after = await render(chart, { files: [file], values }).then(
      ({ text }) => text,
      () => 'refused',
    );
    // Only the number of partitions is there to refuse others.
    if (after === 'refused' && path !== 'kafka.partitions') continue;
    const bare = Object.keys(company(path)).length
      ? (await render(chart, { files: [file], values: company(path) })).text
      : before;
    if (after !== bare) return true;
  }
  return false;
}
