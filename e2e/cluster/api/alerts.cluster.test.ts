/** The rules of Prometheus that the charts hold, judged by promtool: each alert fires when it should and not otherwise. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { rulesOf } from '../../../scripts/metrics/rules.ts';
import { charts, render } from '../helm.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const promtool = process.env.PROMTOOL ?? 'promtool';

interface Expectation {
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));

const expectationsIn = (file: string) =>
  (read(file) as { tests: { alert_rule_test: Expectation[] }[] }).tests.flatMap(
    ({ alert_rule_test }) => alert_rule_test,
  );

describe.each(['lag-controller', 'shop'])('the alerts of the chart %s', (chart) => {
  const folder = join(charts, chart);
  const files = (name: string) => readdirSync(join(folder, name)).map((file) => join(folder, name, file));
  const alerts = [...new Set(rulesOf(join(charts, '..'), chart).flatMap(({ alert }) => alert ?? []))].sort();

  it('are rules', async () => {
    await run(promtool, ['check', 'rules', ...files('files/rules')]);
  });

  it('fire when they should, and do not when they should not', async () => {
    await run(promtool, ['test', 'rules', ...files('rule-tests')]);
  });

  // promtool takes groups in an order by chance otherwise: an alert may then read what was recorded a minute before.
  it('are tried with what was recorded at the same instant', () => {
    const groupsOf = (file: string) =>
      (read(join(folder, 'rule-tests', file)) as { groups: { name: string }[] }).groups;
    for (const file of files('rule-tests')) {
      const { rule_files, group_eval_order } = read(file) as { rule_files: string[]; group_eval_order?: string[] };
      const groups = rule_files.flatMap(groupsOf).map(({ name }) => name);
      if (groups.length > 1) expect({ file, group_eval_order }).toEqual({ file, group_eval_order: groups });
    }
  });

  it('have each a test in which they fire, and one in which they do not', () => {
    const expectations = files('rule-tests').flatMap(expectationsIn);
    const named = (fires: boolean) =>
      [
        ...new Set(
          expectations.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname),
        ),
      ].sort();
    expect(named(true)).toEqual(alerts);
    expect(named(false)).toEqual(alerts);
  });

  it('lead to the runbooks where those are kept', async () => {
    const { objects } = await render(chart, {
      files: ['values-dev.yaml'],
      values: { 'prometheusRule.enabled': true, 'prometheusRule.runbooks': 'https://example.com/runbooks/' },
    });
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    const urls = JSON.stringify(rule).match(/"runbook_url":"[^"]*"/g) ?? [];
    expect(urls.length).toBeGreaterThanOrEqual(alerts.length);
    for (const url of urls) expect(url).toMatch(/"https:\/\/example\.com\/runbooks\/[\w-]+\.md#\w+"$/);
  });
});
