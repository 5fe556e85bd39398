/** Which metrics a PromQL expression reads. */
import { parser } from '@prometheus-io/lezer-promql';

/** Grafana puts durations in the place of these. */
const durations = /\$(__rate_interval|__interval|__range)\b/g;

/**
 * Each name once, in the order of the text. Variables of Grafana may stand where durations and strings do.
 *
 * @throws where it is no PromQL, with the place
 */
export function seriesIn(expression: string): string[] {
  const text = expression.replace(durations, '5m');
  const names = new Set<string>();
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`no PromQL at character ${from}: ${text}`);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') names.add(text.slice(from, to));
    },
  });
  return [...names];
}

/** A histogram is read by its parts. */
export const metricOf = (series: string, isHistogram: (name: string) => boolean): string => {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return isHistogram(base) ? base : series;
};
