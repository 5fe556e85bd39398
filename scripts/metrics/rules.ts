/** The rules of Prometheus that the charts hold. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { seriesIn } from './promql.ts';

export interface Rule {
  readonly expr: string;
  readonly record?: string;
  readonly alert?: string;
  readonly annotations?: { readonly runbook_url: string };
}

/** @returns all rules of `charts/CHART/files/rules` */
export function rulesOf(root: string, chart: string): Rule[] {
  const folder = join(root, 'charts', chart, 'files/rules');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((file) => (parse(readFileSync(join(folder, file), 'utf8')) as { groups: { rules: Rule[] }[] }).groups)
    .flatMap(({ rules }) => rules);
}

/** Names of the alerts that read a series, themselves or by what was recorded. */
export function alertsBySeries(rules: readonly Rule[]): Map<string, Set<string>> {
  const recorded = new Map(rules.map(({ record = '', expr }) => [record, seriesIn(expr)]));
  const sources = (series: string): string[] => recorded.get(series)?.flatMap(sources) ?? [series];
  const alerts = new Map<string, Set<string>>();
  for (const { alert, expr } of rules)
    if (alert !== undefined)
      for (const series of seriesIn(expr).flatMap(sources))
        alerts.set(series, (alerts.get(series) ?? new Set()).add(alert));
  return alerts;
}
