/** What is wrong with a dashboard, by the rules of grafana/dashboard-linter under their names, and some of our own. */
import { metricOf, type Selector, selectorsIn } from '../metrics/promql.ts';
import type { Drawn, DrawnPanel, Variable } from './drawn.ts';
import { units } from './panels.ts';

/** The types of the metrics that there are; what was recorded is a gauge. */
export type Known = ReadonlyMap<string, 'counter' | 'gauge' | 'histogram'>;

const noJobs =
  'what alerts and dashboards share is recorded over jobs and instances: namespace, and service or scaler, stand for them';
const noLoki = 'nothing is asked of Loki';

/** Rules of the linter that are not kept, and why. */
export const exclusions: Readonly<Record<string, string>> = {
  'template-job-rule': noJobs,
  'template-instance-rule': noJobs,
  'target-job-rule': noJobs,
  'target-instance-rule': noJobs,
  'target-logql-rule': noLoki,
  'target-logql-auto-rule': noLoki,
};

type Rules<Subject> = Readonly<Record<string, (subject: Subject, known: Known) => string[]>>;

const unless = (isWell: unknown, fault: string): string[] => (isWell ? [] : [fault]);

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
const chosenSource = '${datasource}';
const onTimeRangeChanged = 2;

const variablesOf = ({ templating }: Drawn, type: string) =>
  (templating?.list ?? []).filter((variable) => variable.type === type);
const drawnOf = ({ panels = [] }: Drawn) => panels.filter(({ type }) => type !== 'row');
const sourceOf = ({ query = '' }: Variable) => (typeof query === 'string' ? query : query.query);

/** A query of a variable asks for the values of a label; what is wrong with it, if anything is. */
function faultsOfVariable(variable: Variable, known: Known): string[] {
  const [, expr, label] = /^label_values\((.+), (\w+)\)$/.exec(sourceOf(variable)) ?? [];
  if (expr === undefined || label === undefined) return [`${variable.name} asks for no values of a label`];
  return parsed(expr, (selectors) => selectors.flatMap((selector) => unknownIn(selector, known)));
}

const ofDashboard: Rules<Drawn> = {
  'template-datasource-rule': (drawn) => {
    const [source, ...others] = variablesOf(drawn, 'datasource');
    const isIt = source?.name === 'datasource' && source.label === 'Data source' && sourceOf(source) === 'prometheus';
    return unless(isIt && others.length === 0, 'lets nobody choose the data source');
  },
  'template-label-promql-rule': (drawn, known) =>
    variablesOf(drawn, 'query').flatMap((variable) => faultsOfVariable(variable, known)),
  'template-on-time-change-reload-rule': (drawn) =>
    variablesOf(drawn, 'query').flatMap(({ name, refresh }) =>
      unless(refresh === onTimeRangeChanged, `${name} keeps its values when the time changes`),
    ),
  'uneditable-dashboard-rule': ({ editable }) =>
    unless(editable === false, 'can be edited, and the next start would undo it'),
  'our namespace rule': (drawn) =>
    unless(
      variablesOf(drawn, 'query').some(({ name }) => name === 'namespace'),
      'lets nobody choose the namespace',
    ),
  'our title rule': (drawn) => {
    const titles = drawnOf(drawn).map(({ title }) => title);
    return titles.filter((title, at) => titles.indexOf(title) !== at).map((title) => `${title} is there twice`);
  },
};

const ofPanel: Rules<DrawnPanel> = {
  'panel-datasource-rule': ({ datasource, targets = [] }) =>
    unless(
      [datasource, ...targets.map((target) => target.datasource)].every((source) => source?.uid === chosenSource),
      'does not ask the chosen data source',
    ),
  'panel-title-description-rule': ({ title, description }) => [
    ...unless(title, 'has no title'),
    ...unless(description, 'has no description'),
  ],
  'panel-units-rule': ({ fieldConfig }) =>
    unless(
      units.some((unit) => unit === fieldConfig?.defaults?.unit),
      'has no unit',
    ),
  'panel-no-targets-rule': ({ targets = [] }) => unless(targets.length > 0, 'asks nothing'),
  'our legend rule': ({ targets = [] }) =>
    unless(
      targets.every(({ legendFormat }) => legendFormat),
      'has a query without a legend',
    ),
};

const isRate = (within = '') => ['rate', 'irate', 'increase'].includes(within);

function typeOf({ name }: Selector, known: Known) {
  return known.get(metricOf(name, (base) => known.get(base) === 'histogram'));
}

function unknownIn(selector: Selector, known: Known): string[] {
  return unless(typeOf(selector, known), `${selector.name} is no metric and not recorded`);
}

const ofSelector: Rules<Selector> = {
  'target-rate-interval-rule': ({ within, range }) =>
    unless(!/^i?rate$/.test(within ?? '') || range === '$__rate_interval', `${within} takes $__rate_interval`),
  'target-counter-agg-rule': (selector, known) =>
    unless(
      typeOf(selector, known) === 'gauge' || typeOf(selector, known) === undefined || isRate(selector.within),
      `${selector.name} counts, so take its rate`,
    ),
  'our gauge rule': (selector, known) =>
    unless(
      typeOf(selector, known) !== 'gauge' || !isRate(selector.within),
      `${selector.name} is a gauge, which has no rate`,
    ),
  'our metric rule': unknownIn,
  'our matcher rule': ({ text }) => unless(text.includes('namespace=~"$namespace"'), `${text} is of every namespace`),
};

function parsed(expr: string, faults: (selectors: readonly Selector[]) => string[]): string[] {
  try {
    return faults(selectorsIn(expr));
  } catch (error) {
    return [String(error)];
  }
}

const applied = <Subject>(rules: Rules<Subject>, subject: Subject, known: Known) =>
  Object.values(rules).flatMap((rule) => rule(subject, known));

/** The rules that are kept, by name. What is no PromQL is a fault of `target-promql-rule`. */
export const ruleNames: readonly string[] = [
  ...[ofDashboard, ofPanel, ofSelector].flatMap((rules: object) => Object.keys(rules)),
  'target-promql-rule',
];

/** A sentence for each fault. */
export function faultsOf(drawn: Drawn, known: Known): string[] {
  const faultsOfPanel = (panel: DrawnPanel) => [
    ...applied(ofPanel, panel, known),
    ...(panel.targets ?? []).flatMap(({ expr = '' }) =>
      parsed(expr, (selectors) => selectors.flatMap((selector) => applied(ofSelector, selector, known))),
    ),
  ];
  return [
    ...applied(ofDashboard, drawn, known),
    ...drawnOf(drawn).flatMap((panel) => faultsOfPanel(panel).map((fault) => `${panel.title}: ${fault}`)),
  ];
}
