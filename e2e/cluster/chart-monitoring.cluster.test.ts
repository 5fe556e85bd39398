import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { controllerMetrics } from '../../services/lag-controller/src/metrics.ts';
import { createRegistry } from '../../services/shared/src/metrics.ts';
import { charts, type Rendering, render } from './helm.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const tests = join(charts, 'lag-controller/tests/alerts.test.yaml');

interface RuleGroups {
  readonly groups: { readonly rules: { readonly alert: string; readonly expr: string }[] }[];
}

/** Names of metrics in a PromQL expression, as far as they are of ours. */
const metricsIn = (text: string) => text.match(/\b(?:kafka_consumergroup|kafka_topic|lag_controller)_\w+/g) ?? [];

describe('what the chart of the lag controller tells of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  let chart: Rendering;
  let rules: RuleGroups;
  let known: string[];

  beforeAll(async () => {
    chart = await render('lag-controller', { files: ['ci/strimzi-values.yaml'] });
    rules = (chart.objects.find(({ kind }) => kind === 'PrometheusRule') as { spec?: RuleGroups }).spec as RuleGroups;
    writeFileSync(join(folder, 'rules.yaml'), stringify(rules));
    copyFileSync(tests, join(folder, 'alerts.test.yaml'));
    const registry = createRegistry('lag-controller');
    controllerMetrics(registry, { isLeader: () => true, nowMs: Date.now });
    known = registry.getMetricsAsArray().map(({ name }) => name);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are alerts that fire when they should, and do not when they should not', async () => {
    await run('promtool', ['check', 'rules', join(folder, 'rules.yaml')]);
    await run('promtool', ['test', 'rules', join(folder, 'alerts.test.yaml')]);
  });

  it('has a test in which each alert fires', () => {
    const { tests: cases } = parse(readFileSync(tests, 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const fired = cases.flatMap(({ alert_rule_test }) => alert_rule_test).filter((one) => one.exp_alerts.length > 0);
    const alerts = rules.groups.flatMap((group) => group.rules).map(({ alert }) => alert);
    expect([...new Set(fired.map(({ alertname }) => alertname))].sort()).toEqual([...alerts].sort());
  });

  it('is read from metrics that it has', () => {
    const dashboards = chart.objects.find(({ kind }) => kind === 'ConfigMap') as unknown as {
      data: Record<string, string>;
    };
    const [dashboard] = Object.values(dashboards.data).map((text) => JSON.parse(text));
    const queries = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) => panel.targets);
    const expressions = [
      ...rules.groups.flatMap((group) => group.rules).map(({ expr }) => expr),
      ...queries.map(({ expr }: { expr: string }) => expr),
    ];
    const asked = [...new Set(expressions.flatMap(metricsIn))];
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe.each([
  ['shop', 'ci/staging-values.yaml', ['clients', 'orders', 'payments', 'products']],
  ['lag-controller', 'ci/strimzi-values.yaml', ['r-lag-controller']],
])('the PodMonitor of %s', (chart, file, expected) => {
  it('finds every pod that stays, at a port that it has', async () => {
    const rendering = await render(chart, { files: [file] });
    const { spec } = rendering.objects.find(({ kind }) => kind === 'PodMonitor') as unknown as {
      spec: { selector: { matchLabels: Record<string, string> }; podMetricsEndpoints: { port: string }[] };
    };
    const found = [...rendering.pods()].filter(
      ([name, { metadata }]) =>
        name !== 'shop-test' &&
        Object.entries(spec.selector.matchLabels).every(([label, value]) => metadata?.labels?.[label] === value),
    );
    expect(found.map(([name]) => name).sort()).toEqual(expected);
    for (const [, pod] of found)
      expect(pod.spec?.containers[0]?.ports?.map(({ name }) => name)).toContain(spec.podMetricsEndpoints[0]?.port);
  });
});
