/** A dashboard as Grafana gets it, as far as its rules look at it. */

export interface Drawn {
  readonly editable?: boolean;
  readonly templating?: { readonly list?: readonly Variable[] };
  readonly panels?: readonly DrawnPanel[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string | { readonly query: string };
  readonly refresh?: number;
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
