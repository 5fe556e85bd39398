/** What is wrong with a dashboard, by rules in the spirit of grafana/dashboard-linter and two of our own (units, known metrics). */
import { metricOf, type Selector, selectorsIn } from '../metrics/promql.ts';

export interface Drawn {
  readonly editable?: boolean;
  readonly templating?: {
    readonly list?: readonly { readonly name: string; readonly type: string; readonly query?: unknown }[];
  };
  readonly panels?: readonly DrawnPanel[];
}

export interface DrawnPanel {
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid?: string };
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly expr?: string;
    readonly legendFormat?: string;
    readonly datasource?: { readonly uid?: string };
  }[];
}

/** The types of the metrics that there are; what was recorded is a gauge. */
export type Known = ReadonlyMap<string, 'counter' | 'gauge' | 'histogram'>;

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
const chosenSource = '${datasource}';

function faultsOfSelector({ name, text, within }: Selector, known: Known): string[] {
  const metric = metricOf(name, (base) => known.get(base) === 'histogram');
  const type = known.get(metric);
  const counts = type === 'counter' || type === 'histogram';
  return [
    ...(type === undefined ? [`${name} is no metric and not recorded`] : []),
    ...(counts && within !== 'rate' && within !== 'increase' ? [`${name} counts, so take its rate`] : []),
    ...(!counts && (within === 'rate' || within === 'increase') ? [`${name} is a gauge, which has no rate`] : []),
    ...(text.includes('namespace=~"$namespace"') ? [] : [`${text} is of every namespace`]),
  ];
}

function faultsOfQuery(expr: string, known: Known): string[] {
  if (/\brate\([^[]*\[(?!\$__rate_interval\])/.test(expr)) return [`${expr}: rate takes $__rate_interval`];
  try {
    return selectorsIn(expr).flatMap((selector) => faultsOfSelector(selector, known));
  } catch (error) {
    return [String(error)];
  }
}

function faultsOfPanel(panel: DrawnPanel, known: Known): string[] {
  const targets = panel.targets ?? [];
  const sources = [panel, ...targets].map(({ datasource }) => datasource?.uid);
  return [
    ...(panel.title ? [] : ['has no title']),
    ...(panel.description ? [] : ['has no description']),
    ...(panel.fieldConfig?.defaults?.unit ? [] : ['has no unit']),
    ...(targets.length > 0 ? [] : ['asks nothing']),
    ...(sources.every((uid) => uid === chosenSource) ? [] : ['does not ask the chosen data source']),
    ...(targets.every(({ legendFormat }) => legendFormat) ? [] : ['has a query without a legend']),
    ...targets.flatMap(({ expr = '' }) => faultsOfQuery(expr, known)),
  ].map((fault) => `${panel.title}: ${fault}`);
}

/** A sentence for each fault. */
export function faultsOf({ editable, templating, panels = [] }: Drawn, known: Known): string[] {
  const variables = new Map((templating?.list ?? []).map(({ name, type }) => [name, type]));
  const drawn = panels.filter(({ type }) => type !== 'row');
  const titles = drawn.map(({ title }) => title);
  return [
    ...(editable === false ? [] : ['can be edited, and the next start would undo it']),
    ...(variables.get('datasource') === 'datasource' ? [] : ['lets nobody choose the data source']),
    ...(variables.get('namespace') === 'query' ? [] : ['lets nobody choose the namespace']),
    ...titles.filter((title, at) => titles.indexOf(title) !== at).map((title) => `${title} is there twice`),
    ...drawn.flatMap((panel) => faultsOfPanel(panel, known)),
  ];
}
