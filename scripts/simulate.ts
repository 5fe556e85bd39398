// `npm run simulate`: the lag controller against KEDA and others, on a simulated consumer group.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { paretoPlot } from '../services/lag-controller/src/simulator/pareto-plot.ts';
import type { Result } from '../services/lag-controller/src/simulator/simulate.ts';
import { summarize } from '../services/lag-controller/src/simulator/summary.ts';
import { parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';
import { gridEntry, recordGrid } from './simulation/grid-record.ts';
import { planSimulations } from './simulation/plan.ts';
import { compareWithReal } from './simulation/real/compare.ts';
import { realityTable } from './simulation/real/report.ts';
import { detailTables, summaryTable, verdictLines } from './simulation/report.ts';
import { runJobs } from './simulation/run-jobs.ts';

const help = `npm run simulate -- [FLAGS]

Runs controllers through loads on a simulated consumer group, and compares how long messages waited too long, and what
that cost in replicas and rebalances.

  --scenarios FILE    a JSON array of scenarios instead of the built-in ones
  --seeds 1,2,3       what the arrivals' noise is drawn from; 1,2,3 if not given (--grid: 1)
  --controllers a,b   only these; else lag-controller, lag-controller-offsets, static-N, keda-T over its settings
                      (keda-T-even, -exclude, -limit, -rate-R), brandwatch, numaflow, oracle
                      and oracle-calm (coming down costs it what the law holds it to cost)
  --detail            a table for each scenario too
  --grid              the built-in scenarios on 6, 12, 24 and 50 partitions, at three speeds and three rebalance costs;
                      each setting is told when it is done; a quarter of an hour per seed and processor
  --partitions 24,50  with --grid: only these
  --record            with --grid: each setting also into scripts/simulation/recorded-grid.json, for npm run generate
  --plot FILE         where the picture goes; docs/lag-controller-pareto.svg if not given, and none then for a
                      choice of scenarios or controllers, --grid or --json
  --against-real      three scenarios in real time instead: consumer processes on a Kafka of their own, scaled by the
                      law, beside the simulation with the times that were measured; takes nine minutes
  --json              one JSON object per line and run, nothing else
  --help              this text

Violation: a second in which a message waits longer than the objective that replicas could have prevented. Drain: the
longest stretch in which one waits longer than a third of it. Sums over the scenarios, means over the seeds.
`;

const value = { type: 'string' } as const;
const toggle = { type: 'boolean' } as const;
const options = {
  scenarios: value,
  seeds: value,
  controllers: value,
  detail: toggle,
  grid: toggle,
  partitions: value,
  record: toggle,
  plot: value,
  json: toggle,
  'against-real': toggle,
  help: toggle,
};

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), { command: 'npm run simulate', options });
  if (flags.help) return console.log(help);
  const progress = new Progress(process.stderr, () => performance.now());
  if (flags['against-real']) return await showReality(flags, progress);
  const comparisons = await planSimulations(flags);
  const plot = plotOf(flags);
  for (const { title, setting, jobs } of comparisons) {
    const results = await progress.step(title, (step) =>
      runJobs(jobs, (done) => step.note(`${done} of ${jobs.length}`)),
    );
    show(results, title, flags);
    if (flags.record && setting) await recordGrid(gridEntry(setting, results));
    if (plot !== undefined) await writeFile(plot, paretoPlot(summarize(results), title));
  }
}

async function showReality(flags: Readonly<Record<string, unknown>>, progress: Progress): Promise<void> {
  const other = Object.keys(flags).find((flag) => flag !== 'against-real');
  if (other !== undefined) throw new SetupError(`--against-real plays its own scenarios: leave --${other} out.`);
  console.log(realityTable(await compareWithReal(progress)));
}

function plotOf(flags: { plot?: string; scenarios?: string; controllers?: string; grid?: boolean; json?: boolean }) {
  if (flags.plot !== undefined) return flags.plot;
  const isUsual = !flags.scenarios && !flags.controllers && !flags.grid && !flags.json;
  return isUsual ? fileURLToPath(new URL('../docs/lag-controller-pareto.svg', import.meta.url)) : undefined;
}

function show(
  results: readonly Result[],
  title: string,
  flags: { json?: boolean; detail?: boolean; grid?: boolean },
): void {
  if (flags.json) {
    for (const result of results) console.log(JSON.stringify(result));
    return;
  }
  console.log(`\n${title}`);
  if (flags.detail) console.log(`\n${detailTables(results)}\n`);
  console.log(flags.grid ? '' : `\n${summaryTable(results)}\n`);
  console.log(verdictLines(results));
}

await runScript(main);
