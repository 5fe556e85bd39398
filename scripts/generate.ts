// `npm run generate`: writes what is made from the code. With --check it writes nothing and fails, naming each stale file.
import { join } from 'node:path';
import { performancePage } from './bench/page.ts';
import { readRecorded } from './bench/recorded.ts';
import { chartFiles } from './charts/generated.ts';
import { dashboardFiles } from './dashboards/generated.ts';
import { asyncApiYaml } from './generated/async-api.ts';
import { compareFiles } from './generated/generated-files.ts';
import { programs, settingsPage } from './generated/settings-page.ts';
import { metricsPage } from './metrics/page.ts';
import { burstPicture } from './picture/burst.ts';
import { gridPage } from './simulation/grid-page.ts';
import { readGrid } from './simulation/grid-record.ts';
import { versusPage } from './versus-keda/page.ts';
import { versusPlot } from './versus-keda/picture.ts';
import { readRecorded as readVersusKeda } from './versus-keda/recorded.ts';

const root = join(import.meta.dirname, '..');
const options = process.argv.slice(2);
const unknown = options.find((option) => option !== '--check');

if (unknown !== undefined) {
  console.error(`${unknown} is not known here: npm run generate [-- --check]`);
  process.exitCode = 1;
} else {
  const isCheck = options.length > 0;
  const settings = settingsPage(await programs());
  const versusKeda = readVersusKeda();
  const { stale, problems } = compareFiles(
    root,
    [
      { path: 'docs/asyncapi.yaml', render: () => asyncApiYaml() },
      { path: 'docs/metrics.md', render: () => metricsPage(root) },
      { path: 'docs/performance.md', render: () => performancePage(readRecorded()) },
      { path: 'docs/settings.md', render: () => settings },
      { path: 'docs/versus-keda.md', render: () => versusPage(versusKeda) },
      ...(versusKeda ? [{ path: 'docs/versus-keda.svg', render: () => versusPlot(versusKeda) }] : []),
      { path: 'docs/burst.svg', render: burstPicture },
      { path: 'docs/simulation-grid.md', render: () => gridPage(readGrid()) },
      ...dashboardFiles(),
      ...chartFiles(root),
    ],
    { write: !isCheck },
  );
  for (const problem of problems) console.error(problem);
  for (const path of stale)
    console.log(isCheck ? `${path} is not what the code says: run npm run generate.` : `${path} was written.`);
  if (isCheck && stale.length + problems.length > 0) process.exitCode = 1;
}
