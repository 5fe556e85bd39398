/** Which metrics a PromQL expression reads, and how. */
import { parser } from '@prometheus-io/lezer-promql';

/** Grafana puts durations in the place of these; here they are ones that nobody writes. */
const durations = { $__rate_interval: '9m59s', $__interval: '9m58s', $__range: '9m57s' } as const;
const isVariable = (text: string): text is keyof typeof durations => text in durations;

export interface Selector {
  readonly name: string;
  /** As written, with its matchers. */
  readonly text: string;
  /** The function that it is an argument of, if any: `rate`, `max_over_time`, … */
  readonly within?: string;
  /** As written, without its brackets. */
  readonly range?: string;
}

type TreeNode = ReturnType<typeof parser.parse>['topNode'];

function functionAround(selector: TreeNode, text: string): string | undefined {
  for (let node = selector.parent; node !== null; node = node.parent)
    if (node.type.name === 'FunctionCall') return text.slice(node.from, text.indexOf('(', node.from)).trim();
  return undefined;
}

function rangeOf({ parent }: TreeNode, text: string): string | undefined {
  const duration = parent?.type.name === 'MatrixSelector' ? parent.lastChild : null;
  if (!duration) return undefined;
  const written = text.slice(duration.from, duration.to).replace(/^\[|\]$/g, '');
  return Object.entries(durations).find(([, stand]) => stand === written)?.[0] ?? written;
}

/**
 * In the order of the text. Variables of Grafana may stand where durations and strings do.
 *
 * @throws where it is no PromQL, with the place
 */
export function selectorsIn(expression: string): Selector[] {
  const text = expression.replace(/\$__\w+/g, (word) => (isVariable(word) ? durations[word] : word));
  const selectors: Selector[] = [];
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`no PromQL at character ${from}: ${text}`);
      if (type.name !== 'VectorSelector') return;
      const name = node.getChild('Identifier');
      const within = functionAround(node, text);
      const range = rangeOf(node, text);
      selectors.push({
        name: name === null ? '' : text.slice(name.from, name.to),
        text: text.slice(from, to),
        ...(within !== undefined && { within }),
        ...(range !== undefined && { range }),
      });
    },
  });
  return selectors;
}

/** The names alone, each once. @throws where it is no PromQL */
export function seriesIn(expression: string): string[] {
  return [...new Set(selectorsIn(expression).map(({ name }) => name))];
}

/** A histogram is read by its parts. */
export const metricOf = (series: string, isHistogram: (name: string) => boolean): string => {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return isHistogram(base) ? base : series;
};
