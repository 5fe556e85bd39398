/** Panels and dashboards of Grafana as all of ours look. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own variable
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** As Grafana calls them. */
export const units = ['s', 'short', 'percentunit', 'bytes', 'cps', 'reqps'] as const;

export interface Graph {
  readonly title: string;
  /** What it shows and how to read it, for somebody who sees it for the first time. */
  readonly description: string;
  readonly unit: (typeof units)[number];
  /** PromQL by the legend of its series. */
  readonly series: Readonly<Record<string, string>>;
  /** Of the 24 columns; all by default. */
  readonly columns?: number;
  /** Bars, one upon the other, for parts of a whole. */
  readonly stacked?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** PromQL: the series whose label of that name is offered. */
  readonly from: string;
}

export interface Chapter {
  readonly title: string;
  readonly graphs: readonly Graph[];
}

export interface Page {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables: readonly Variable[];
  readonly chapters: readonly Chapter[];
}

function graph({ title, description, unit, series, columns = 24, stacked = false }: Graph): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .min(0)
    .span(columns)
    .height(8)
    .lineWidth(1)
    .fillOpacity(stacked ? 60 : 8)
    .showPoints(VisibilityMode.Never)
    // What is unknown is a gap, never a line across it.
    .spanNulls(false)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked)
    panel.drawStyle(GraphDrawStyle.Bars).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const [index, [legend, expr]] of Object.entries(series).entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .datasource(datasource)
        .expr(expr)
        .legendFormat(legend)
        .range(),
    );
  return panel;
}

function variable({ name, label, from }: Variable): Builder<ReturnType<QueryVariableBuilder['build']>> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query: `label_values(${from}, ${name})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: 'All', value: '$__all' });
}

/** The page as Grafana takes it; every graph of it shares one time axis. */
export function dashboard({ uid, title, description, tags, variables, chapters }: Page): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([...tags])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .refresh('10s')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const one of variables) builder.withVariable(variable(one));
  for (const { title: heading, graphs } of chapters) {
    builder.withRow(new RowBuilder(heading));
    for (const one of graphs) builder.withPanel(graph(one));
  }
  return builder.build();
}
