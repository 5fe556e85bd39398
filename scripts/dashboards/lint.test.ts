import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricCatalogue } from '../metrics/catalogue.ts';
import { rulesOf } from '../metrics/rules.ts';
import type { Drawn } from './drawn.ts';
import { pages } from './generated.ts';
import { exclusions, faultsOf, type Known, ruleNames } from './lint.ts';
import { dashboard } from './panels.ts';

const root = join(import.meta.dirname, '../..');
const recorded = (chart: string) => rulesOf(root, chart).flatMap(({ record }) => record ?? []);
const metrics = metricCatalogue();

/** What a chart's dashboards may ask for: the services' metrics, and what the same chart records. */
const knownTo = (chart: string): Known =>
  new Map([
    ...metrics.map(({ name, type }) => [name, type] as const),
    ...recorded(chart).map((name) => [name, 'gauge'] as const),
  ]);

describe('the dashboards', () => {
  it.each(pages.map(([chart, page]) => [page.title, chart, page] as const))('%s has no fault', (_, chart, page) => {
    const drawn = dashboard(page) as Drawn;
    expect(drawn.panels?.length).toBeGreaterThan(5);
    expect(faultsOf(drawn, knownTo(chart))).toEqual([]);
  });

  it('draw what the alerts are about', () => {
    for (const chart of ['lag-controller', 'shop']) {
      const text = JSON.stringify(pages.filter(([of]) => of === chart).map(([, page]) => page));
      const alerts = rulesOf(root, chart).flatMap(({ alert, expr }) => (alert === undefined ? [] : expr));
      const undrawn = recorded(chart).filter(
        (name) => alerts.some((expr) => expr.includes(name)) && !text.includes(name),
      );
      // ConnectionDown asks whether any process reaches it, the dashboard how many do; a burn rate has a short and a long window.
      expect(undrawn.filter((name) => !/service_connection|rate30m/.test(name))).toEqual([]);
    }
  });
});

describe('the rules for dashboards', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
  const datasource = { uid: '${datasource}' };
  const known: Known = new Map([
    ['a_total', 'counter'],
    ['b', 'gauge'],
    ['c_seconds', 'histogram'],
  ]);
  const query = (expr: string, legendFormat = 'x') => ({ expr, legendFormat, datasource });
  const panel = (expr: string, changes: object = {}) => ({
    ...{ type: 'timeseries', title: 'T', description: 'D', datasource, targets: [query(expr)] },
    fieldConfig: { defaults: { unit: 's' } },
    ...changes,
  });
  const source = { name: 'datasource', type: 'datasource', label: 'Data source', query: 'prometheus' };
  const variable = { name: 'namespace', type: 'query', query: { query: 'label_values(b, namespace)' }, refresh: 2 };
  const faultsWith = (list: object[], ...panels: object[]) =>
    faultsOf({ editable: false, templating: { list }, panels } as unknown as Drawn, known);
  const faults = (...panels: object[]) => faultsWith([source, variable], ...panels);

  it('are those of grafana/dashboard-linter, but the ones whose reason is told', () => {
    const theirs = [
      ...['template-datasource', 'template-job', 'template-instance', 'template-label-promql'],
      ...['template-on-time-change-reload', 'uneditable-dashboard'],
      ...['panel-datasource', 'panel-title-description', 'panel-units', 'panel-no-targets'],
      ...['target-logql', 'target-logql-auto', 'target-promql', 'target-rate-interval'],
      ...['target-job', 'target-instance', 'target-counter-agg'],
    ].map((name) => `${name}-rule`);
    const ours = ruleNames.filter((name) => !name.startsWith('our '));
    expect([...ours, ...Object.keys(exclusions)].sort()).toEqual(theirs.sort());
  });

  it('find nothing in what is well', () => {
    expect(
      faults(
        panel(
          'sum by (x) (rate(c_seconds_bucket{namespace=~"$namespace"}[$__rate_interval])) + b{namespace=~"$namespace"}',
        ),
      ),
    ).toEqual([]);
  });

  it.each([
    ['b{namespace=~"$namespace"', 'no PromQL'],
    ['d{namespace=~"$namespace"}', 'd is no metric'],
    ['b', 'b is of every namespace'],
    ['sum(a_total{namespace=~"$namespace"})', 'a_total counts'],
    ['max(c_seconds_sum{namespace=~"$namespace"})', 'c_seconds_sum counts'],
    ['rate(b{namespace=~"$namespace"}[$__rate_interval])', 'b is a gauge'],
    ['rate(a_total{namespace=~"$namespace"}[5m])', 'rate takes $__rate_interval'],
    ['irate(a_total{namespace=~"$namespace"}[$__range])', 'irate takes $__rate_interval'],
  ])('find what is wrong with the query %s', (expr, fault) => {
    expect(faults(panel(expr))).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    [{ title: '' }, 'has no title'],
    [{ description: '' }, 'has no description'],
    [{ fieldConfig: {} }, 'has no unit'],
    [{ fieldConfig: { defaults: { unit: 'seconds' } } }, 'has no unit'],
    [{ targets: [] }, 'asks nothing'],
    [{ datasource: { uid: 'mine' } }, 'does not ask the chosen data source'],
    [{ targets: [query('b{namespace=~"$namespace"}', '')] }, 'without a legend'],
  ])('find what a graph lacks: %j', (changes, fault) => {
    expect(faults(panel('b{namespace=~"$namespace"}', changes))).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    [{ ...source, label: 'Source' }, variable, 'choose the data source'],
    [{ ...source, query: 'loki' }, variable, 'choose the data source'],
    [source, { ...variable, refresh: 1 }, 'namespace keeps its values'],
    [source, { ...variable, query: { query: 'label_values(d, namespace)' } }, 'd is no metric'],
    [source, { ...variable, query: { query: 'label_values(b{, namespace)' } }, 'no PromQL'],
    [source, { ...variable, query: 'namespaces' }, 'namespace asks for no values'],
  ])('find what is wrong with the variables %j, %j', (one, other, fault) => {
    expect(faultsWith([one, other])).toEqual([expect.stringContaining(fault)]);
  });

  it('find a title that is there twice, a dashboard that can be edited, and variables that are missing', () => {
    const one = panel('b{namespace=~"$namespace"}');
    expect(faults(one, one)).toEqual(['T is there twice']);
    expect(faultsOf({ panels: [] }, known)).toEqual([
      expect.stringContaining('choose the data source'),
      expect.stringContaining('can be edited'),
      expect.stringContaining('choose the namespace'),
    ]);
  });
});
