import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pages } from '../../../scripts/dashboards/generated.ts';
import { metricCatalogue } from '../../../scripts/metrics/catalogue.ts';
import { metricOf, selectorsIn, seriesIn } from '../../../scripts/metrics/promql.ts';
import { rulesOf } from '../../../scripts/metrics/rules.ts';
import { until } from '../../../scripts/testing/until.ts';
import { charts } from '../helm.ts';
import { getJson, inShop, installShop, payments, startLoad } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

jest.setTimeout(900_000);

/** Queries that may have no answer in a shop that is well, and why. */
const silent = new Map([
  ['{{service}} failed: {{reason}}', 'no round of a relay failed'],
  ['{{code}}', 'there was no dead letter'],
  ['paused: {{reason}}', 'nothing was paused'],
  ['{{queue}}', 'this shop has no RabbitMQ'],
]);

/** Series of alerts that nobody has here, and why. An alert is empty where all is well; what it reads is not. */
const absent = new Map([
  ['strimzi_kafka_topic_resource_info', 'kube-state-metrics has it, which does not run here'],
  ['strimzi_kafka_user_resource_info', 'kube-state-metrics has it, which does not run here'],
  ['notification_queue_messages', 'this shop has no RabbitMQ; the one of notifications.cluster.test.ts has'],
  ['queue:notification_queue_messages:max', 'it is recorded of the one before'],
  ['http_request_duration_seconds_count{status=~"401|403|503"}', 'nobody may have been refused yet'],
  [
    'lag_controller_decisions_total{reason="partition-bound"}',
    'orders are spread evenly: none has too many for a replica',
  ],
]);

/** With what Grafana would put in the place of its variables. */
const filled = (expr: string) =>
  expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('"$namespace"', `"${namespace}"`)
    .replace(/"\$(scaler|service)"/g, '".+"');

const queries = pages.flatMap(([, { title: page, chapters }]) =>
  chapters.flatMap(({ graphs }) =>
    graphs.flatMap(({ title, series }) =>
      Object.entries(series).map(([legend, expr]) => ({
        name: `${page}, ${title}, ${legend}`,
        legend,
        expr: filled(expr),
      })),
    ),
  ),
);

describe('a Prometheus that reads what the PodMonitors say', () => {
  let prometheus: Prometheus;
  let discovery: NodeJS.Timeout;
  let discovering: Promise<void> = Promise.resolve();

  const follow = () => {
    discovering = discovering.then(() => prometheus.discover()).catch(() => {});
  };

  beforeAll(async () => {
    await installShop();
    await until('payments is there', async () => (await payments()).ready >= 1, 300_000);
    prometheus = await startPrometheus(['shop', 'lag-controller']);
    discovery = setInterval(follow, 3_000);
  });

  afterAll(async () => {
    clearInterval(discovery);
    await discovering;
    await prometheus?.close();
  });

  /** Which of these queries had no answer within a minute: of a scrape that is missed, series are gone until the next one. */
  const unanswered = async (queries: readonly string[]) => {
    let open = [...queries];
    const ask = async () => {
      const results: (readonly [string, number])[] = [];
      for (const query of open) results.push([query, (await prometheus.query(query)).length]);
      open = results.flatMap(([query, found]) => (found === 0 ? [query] : []));
      return open.length === 0;
    };
    await until('every query is answered', ask, 60_000).catch(() => 'told by what is open');
    return open;
  };

  it('reads every service, and each metric of theirs is in the list with the services that have it', async () => {
    const expected = ['clients', 'lag-controller', 'notifications', 'orders', 'payments', 'products', 'provider'];
    await until('every service is read', async () => {
      const found = Object.entries(await prometheus.targets()).filter(([, health]) => health === 'up');
      return expected.every((service) => found.some(([pod]) => pod.startsWith(`${service}-`)));
    });
    const list = metricCatalogue();
    const histograms = new Set(list.flatMap(({ name, type }) => (type === 'histogram' ? [name] : [])));
    const series = await prometheus.query('count by (__name__, service) ({service!=""})');
    const seen = new Set(
      series
        .filter(({ metric: { __name__: name = '' } }) => !name.includes(':') && !/^ALERTS/.test(name))
        .map(({ metric: { __name__: name = '', service = '' } }) =>
          [metricOf(name, (base) => histograms.has(base)), service.replace(/-service$/, '')].join(' of '),
        ),
    );
    const listed = new Set(list.flatMap(({ name, services }) => services.map((service) => `${name} of ${service}`)));
    expect([...seen].filter((one) => !listed.has(one))).toEqual([]);
    expect(seen.size).toBeGreaterThan(150);
  });

  it('answers every query of the dashboards after a burst, but those whose reason is known', async () => {
    const load = await startLoad(150, 15);
    const { refused } = await load();
    expect(refused).toEqual([]);
    const loud = queries.filter(({ legend }) => !silent.has(legend));
    const open = await unanswered(loud.map(({ expr }) => expr));
    expect(loud.filter(({ expr }) => open.includes(expr)).map(({ name }) => name)).toEqual([]);
  });

  it('has something to choose from for every variable of the dashboards', async () => {
    const variables = pages.flatMap(([, page]) =>
      page.variables.map(({ name, from }) => ({ of: page.title, name, expr: `count by (${name}) (${filled(from)})` })),
    );
    expect(await unanswered(variables.map(({ expr }) => expr))).toEqual([]);
    const offers = variables.map(async ({ of, name, expr }) => {
      const values = (await prometheus.query(expr)).map(({ metric }) => metric[name]);
      return [of, name, values.length > 0 && values.every(Boolean)];
    });
    expect(await Promise.all(offers)).toEqual(variables.map(({ of, name }) => [of, name, true]));
  });

  it('evaluates every rule without a fault', async () => {
    await until('each was evaluated', async () => (await prometheus.ruleFaults()).length === 0, 60_000).catch(() => {});
    expect(await prometheus.ruleFaults()).toEqual([]);
  });

  it('finds each series that an alert or a recorded number reads, but those whose reason is known', async () => {
    const rules = ['lag-controller', 'shop'].flatMap((chart) => rulesOf(`${charts}/..`, chart));
    const selectors = rules.flatMap(({ expr }) => selectorsIn(expr));
    const read = selectors.filter(({ name, text }) => !absent.has(name) && !absent.has(text));
    expect(await unanswered(read.map(({ text }) => text))).toEqual([]);
    const known = new Set([...rules.flatMap(({ expr }) => seriesIn(expr)), ...selectors.map(({ text }) => text)]);
    expect([...absent.keys()].filter((name) => !known.has(name))).toEqual([]);
  });

  it('records each number that alerts and dashboards share', async () => {
    const recorded = ['lag-controller', 'shop']
      .flatMap((chart) => rulesOf(`${charts}/..`, chart))
      .flatMap(({ record }) => record ?? []);
    expect(await unanswered(recorded.filter((name) => !absent.has(name)))).toEqual([]);
  });

  it('fires for lag over the objective while payments stand still, and no longer once they go on', async () => {
    const fires = async () => (await prometheus.firing()).includes('LagOverObjective');
    await until('the burst before is forgotten', async () => !(await fires()), 120_000);
    await inShop(['scale', 'deployment/provider', '--replicas=0']);
    // While it drains it still charges.
    await inShop(['wait', '--for=delete', 'pod', '--selector=app.kubernetes.io/name=provider', '--timeout=60s']);
    const load = await startLoad(40, 10);
    try {
      await until('it fires', fires, 120_000);
    } finally {
      await inShop(['scale', 'deployment/provider', '--replicas=1']);
    }
    await load();
    const age = async () =>
      Number((await prometheus.query(`max(scaler:lag_seconds:max{namespace="${namespace}"})`))[0]?.value[1]);
    // Both at once: while the group rebalances its lag may be unknown for a moment, which is no end.
    await until('it is over', async () => !(await fires()) && (await age()) < 10, 120_000);
  });

  it('has a resource for each chart, with rules that the API server took', async () => {
    const { items } = await getJson<{ items: { metadata: { name: string } }[] }>(['prometheusrules']);
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(['lag-controller', 'shop']);
  });
});
