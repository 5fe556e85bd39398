import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { charts, render } from '../helm.ts';

jest.setTimeout(120_000);

describe.each([
  ['lag-controller', 'ci/strimzi-values.yaml'],
  ['shop', 'ci/staging-values.yaml'],
])('the PrometheusRule and the dashboards of %s', (chart, values) => {
  it('hold all rules and dashboards that the chart has', async () => {
    const { objects } = await render(chart, { files: [values] });
    const files = join(charts, chart, 'files');
    const read = (path: string) => readFileSync(join(files, path), 'utf8');
    expect(objects.find(({ kind }) => kind === 'PrometheusRule')).toMatchObject({
      spec: { groups: readdirSync(join(files, 'rules')).flatMap((name) => parse(read(`rules/${name}`)).groups) },
    });
    expect(objects.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({
      data: Object.fromEntries(
        readdirSync(join(files, 'dashboards')).map((name) => [name, read(`dashboards/${name}`)]),
      ),
    });
  });
});

describe.each([
  ['shop', 'ci/staging-values.yaml', ['clients', 'notifications', 'orders', 'payments', 'products']],
  ['lag-controller', 'ci/strimzi-values.yaml', ['r-lag-controller']],
])('the PodMonitor of %s', (chart, file, expected) => {
  it('finds every pod that stays, at a port that it has', async () => {
    const rendering = await render(chart, { files: [file] });
    const { spec } = rendering.objects.find(({ kind }) => kind === 'PodMonitor') as unknown as {
      spec: { selector: { matchLabels: Record<string, string> }; podMetricsEndpoints: { port: string }[] };
    };
    const found = [...rendering.pods()].filter(
      ([name, { metadata }]) =>
        !['shop-test', 'dead-letters'].includes(name) &&
        Object.entries(spec.selector.matchLabels).every(([label, value]) => metadata?.labels?.[label] === value),
    );
    expect(found.map(([name]) => name).sort()).toEqual(expected);
    for (const [, pod] of found)
      expect(pod.spec?.containers[0]?.ports?.map(({ name }) => name)).toContain(spec.podMetricsEndpoints[0]?.port);
  });
});
