/** The few forms that the queries of the dashboards have. Every one is of the chosen namespaces. */

const inNamespace = 'namespace=~"$namespace"';

/** Selects a series, by more matchers than the namespace if need be. */
export const of = (name: string, matchers = ''): string => `${name}{${[inNamespace, matchers].filter(Boolean).join()}}`;

/** Per second, summed over processes. */
export const rate = (by: string, name: string, matchers?: string): string =>
  `sum by (${by}) (rate(${of(name, matchers)}[$__rate_interval]))`;

/** Of a histogram, over all processes. */
export function quantile(q: number, by: string, name: string, matchers?: string): string {
  const labels = ['le', by].filter(Boolean).join(', ');
  return `histogram_quantile(${q}, ${rate(labels, `${name}_bucket`, matchers)})`;
}

/** The three that are drawn of every duration. */
export const quantiles = (name: string, matchers?: string): Record<string, string> => ({
  p50: quantile(0.5, '', name, matchers),
  p95: quantile(0.95, '', name, matchers),
  p99: quantile(0.99, '', name, matchers),
});
