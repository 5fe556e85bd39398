/** The dashboards as the charts ship them. */
import type { GeneratedFile } from '../generated/generated-files.ts';
import { lagPage } from './lag.ts';
import { ordersPage } from './orders.ts';
import { dashboard, type Page } from './panels.ts';
import { servicesPage } from './services.ts';

/** By the chart that has the metrics. */
export const pages: readonly (readonly [chart: string, page: Page])[] = [
  ['lag-controller', lagPage],
  ['shop', ordersPage],
  ['shop', servicesPage],
];

export function dashboardFiles(): GeneratedFile[] {
  return pages.map(([chart, page]) => ({
    path: `charts/${chart}/files/dashboards/${page.uid}.json`,
    render: () => `${JSON.stringify(dashboard(page), null, 2)}\n`,
  }));
}
