import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricCatalogue } from './catalogue.ts';
import { metricOf, seriesIn } from './promql.ts';
import { alertsBySeries, rulesOf } from './rules.ts';
import { unitOf } from './unit.ts';

const root = join(import.meta.dirname, '../..');
const rules = ['lag-controller', 'shop'].flatMap((chart) => rulesOf(root, chart));
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Of kube-state-metrics, which reads them from Strimzi's resources. */
const ofOthers = ['strimzi_kafka_topic_resource_info', 'strimzi_kafka_user_resource_info'];

function namesInSources(): string[] {
  const files = readdirSync(join(root, 'services'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((path) => /^[\w-]+\/src\/.*\.ts$/.test(path) && !/\.(test|fixture)\.ts$/.test(path));
  return sources.flatMap((path) => {
    const text = readFileSync(join(root, 'services', path), 'utf8');
    const calls = text.matchAll(
      /\b(?:counter|gauge|histogram|perPartition|total|ofTopic|define)\(\s*(?:registry,\s*)?'(\w+)'/g,
    );
    return [...calls].map(([, name = '']) => name);
  });
}

describe('the list of metrics', () => {
  const names = metricCatalogue().map(({ name }) => name);

  it('has every metric that the sources name', () => {
    const inSources = namesInSources();
    expect(inSources.length).toBeGreaterThan(30);
    expect(inSources.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('has the names that Prometheus asks for: counters end in _total, and nothing else of ours does', () => {
    const ours = metricCatalogue().filter(({ name }) => !/^(nodejs|process)_/.test(name));
    expect(ours.filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total'))).toEqual([]);
  });

  it('knows no label that could hold an id', () => {
    const labels = metricCatalogue().flatMap((metric) => metric.labels);
    expect(labels.filter((label) => /id$|path|url|user|key|offset|email/i.test(label))).toEqual([]);
  });

  it('asks for the unit where a name does not say it', () => {
    expect([unitOf('x_seconds'), unitOf('x_bytes_total'), unitOf('x_pauses_total')]).toEqual([
      'seconds',
      'bytes',
      'pauses',
    ]);
    expect(() => unitOf('x_level')).toThrow('x_level: say in scripts/metrics/unit.ts');
  });
});

describe('a PromQL expression', () => {
  it('tells the series that it reads, also where Grafana fills in variables', () => {
    const text = 'sum by (a) (rate(b_total{c="$d"}[$__rate_interval])) / on (a) group_left () e:f:max';
    expect(seriesIn(text)).toEqual(['b_total', 'e:f:max']);
  });

  it.each(['sum(a', 'rate(a)[5m] b', 'a{b=c}'])('is refused when it is none: %s', (text) => {
    expect(() => seriesIn(text)).toThrow('no PromQL at character');
  });
});

describe('the alerts', () => {
  it('read what the services have, or what was recorded', () => {
    const histograms = new Set(metricCatalogue().flatMap(({ name, type }) => (type === 'histogram' ? [name] : [])));
    const known = new Set([...metricCatalogue().map(({ name }) => name), ...rules.map(({ record }) => record)]);
    const read = rules
      .flatMap(({ expr }) => seriesIn(expr))
      .map((one) => metricOf(one, (name) => histograms.has(name)));
    expect(read.filter((name) => !known.has(name) && !ofOthers.includes(name))).toEqual([]);
  });

  it('are known by the metric behind what was recorded', () => {
    expect([...(alertsBySeries(rules).get('lag_controller_lag_seconds') ?? [])]).toEqual([
      'LagOverObjective',
      'LagGrowsAtCeiling',
    ]);
  });

  it.each(alerts.map(({ alert = '', annotations }) => [alert, annotations?.runbook_url ?? '']))(
    '%s has a chapter in a runbook that says how to see, decide and act',
    (alert, runbook) => {
      const [page = '', anchor] = runbook.split('#');
      expect(anchor).toBe(alert.toLowerCase());
      const chapters = readFileSync(join(root, page), 'utf8').split(/^## /m);
      const chapter = chapters.find((text) => text.startsWith(`${alert}\n`)) ?? '';
      for (const part of ['**See.**', '**Decide.**', '**Act.**']) expect(chapter).toContain(part);
    },
  );
});
