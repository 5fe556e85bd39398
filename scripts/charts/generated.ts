/** What is made of a chart's values.yaml: its schema, the table in its README; and the templates that charts share. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneratedFile, withConfiguration } from '../generated/generated-files.ts';
import { chartValues } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';
import { valuesTable } from './values-table.ts';

/** A chart must be whole by itself, so the others hold copies of these. */
const shared = { from: 'lag-controller', templates: ['_kafka.tpl', '_pod.tpl'] };

/** @param root of the repository */
export function chartFiles(root: string): GeneratedFile[] {
  const charts = readdirSync(join(root, 'charts')).filter((name) =>
    existsSync(join(root, 'charts', name, 'Chart.yaml')),
  );
  return charts.flatMap((name) => {
    const values = () => chartValues(readFileSync(join(root, 'charts', name, 'values.yaml'), 'utf8'));
    const copies = shared.templates.map((template) => ({
      path: `charts/${name}/templates/${template}`,
      render: () => readFileSync(join(root, 'charts', shared.from, 'templates', template), 'utf8'),
    }));
    return [
      { path: `charts/${name}/values.schema.json`, render: () => valuesSchema(values()) },
      {
        path: `charts/${name}/README.md`,
        render: (present: string | undefined) => withConfiguration(present, valuesTable(values())),
      },
      ...(name === shared.from ? [] : copies),
    ];
  });
}
