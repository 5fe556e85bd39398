// `npm run simulate`: the lag controller against KEDA and others, on a simulated consumer group.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { controllerNamed, usualControllers } from '../services/lag-controller/src/simulator/catalog.ts';
import { paretoPlot } from '../services/lag-controller/src/simulator/pareto-plot.ts';
import type { Scenario } from '../services/lag-controller/src/simulator/scenario.ts';
import { parseScenarios } from '../services/lag-controller/src/simulator/scenario-file.ts';
import { builtInScenarios, type Setting, usualSetting } from '../services/lag-controller/src/simulator/scenarios.ts';
import type { Result } from '../services/lag-controller/src/simulator/simulate.ts';
import { summarize } from '../services/lag-controller/src/simulator/summary.ts';
import { DomainError } from '../services/shared/src/errors.ts';
import { SetupError } from './embedded/setup-error.ts';
import { parseFlags } from './local/arguments.ts';
import { Progress } from './local/progress.ts';
import { detailTables, summaryTable, verdictLines } from './simulation/report.ts';
import { type Job, runJobs } from './simulation/run-jobs.ts';

const help = `npm run simulate -- [FLAGS]

Runs controllers through loads on a simulated consumer group, and compares how long messages waited too long, and what
that cost in replicas and rebalances.

  --scenarios FILE    a JSON array of scenarios instead of the built-in ones
  --seeds 1,2,3       what the arrivals' noise is drawn from; 1,2,3 if not given (--grid: 1)
  --controllers a,b   only these; else lag-controller, lag-controller-offsets, static-N, keda-T over its settings
                      (keda-T-even, -exclude, -limit, -rate-R), brandwatch, numaflow and oracle
  --detail            a table for each scenario too
  --grid              the built-in scenarios on 6, 12, 24 and 50 partitions, at three speeds and three rebalance costs;
                      without the oracle, unless --controllers asks for it
  --plot FILE         where the picture goes; docs/lag-controller-pareto.svg if not given, and none then for a
                      choice of scenarios or controllers, --grid or --json
  --json              one JSON object per line and run, nothing else
  --help              this text

Violation: a second in which a message waits longer than the objective that replicas could have prevented. Drain: the
longest stretch in which one waits longer than a third of it. Sums over the scenarios, means over the seeds.
`;

const grid = {
  partitions: [6, 12, 24, 50],
  messagesPerSecondPerReplica: [45, 80, 120],
  rebalanceSeconds: [2, 5, 15],
};

function listOf(flag: string, raw: string): string[] {
  const items = raw.split(',').map((item) => item.trim());
  if (items.includes('')) throw new SetupError(`--${flag} must be a list such as a,b, but is ${JSON.stringify(raw)}.`);
  return items;
}

function seedsOf(raw: string): number[] {
  return listOf('seeds', raw).map((seed) => {
    if (!/^\d{1,9}$/.test(seed))
      throw new SetupError(`--seeds must be whole numbers, but has ${JSON.stringify(seed)}.`);
    return Number(seed);
  });
}

function controllersOf(raw: string): string[] {
  return listOf('controllers', raw).map((name) => {
    if (!controllerNamed(name))
      throw new SetupError(`--controllers names ${JSON.stringify(name)}, which is none: see --help.`);
    return name;
  });
}

async function scenariosOf(file: string): Promise<Scenario[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new SetupError(`--scenarios can't be read: ${error.message}.`);
  });
  return parseScenarios(text);
}

function refuseWithGrid({
  grid: isGrid,
  plot,
  scenarios,
}: {
  grid?: boolean;
  plot?: string;
  scenarios?: string;
}): void {
  if (isGrid && plot !== undefined) throw new SetupError('--grid has no picture: leave --plot out.');
  if (isGrid && scenarios !== undefined)
    throw new SetupError('--grid plays the built-in scenarios: leave --scenarios out.');
}

function plotOf(flags: { plot?: string; scenarios?: string; controllers?: string; grid?: boolean; json?: boolean }) {
  if (flags.plot !== undefined) return flags.plot;
  const isUsual = !flags.scenarios && !flags.controllers && !flags.grid && !flags.json;
  return isUsual ? fileURLToPath(new URL('../docs/lag-controller-pareto.svg', import.meta.url)) : undefined;
}

interface Plan {
  readonly seeds: readonly number[];
  readonly scenarios: (seed: number) => readonly Scenario[];
  readonly controllers: (scenario: Scenario) => readonly string[];
}

function jobsOf({ seeds, scenarios, controllers }: Plan): Job[] {
  return seeds.flatMap((seed) =>
    scenarios(seed).map((scenario) => ({ scenario, seed, controllers: controllers(scenario) })),
  );
}

async function play(title: string, plan: Plan, progress: Progress): Promise<Result[]> {
  const jobs = jobsOf(plan);
  return progress.step(title, (step) => runJobs(jobs, (done) => step.note(`${done} of ${jobs.length}`)));
}

function gridSettings(): Setting[] {
  return grid.partitions.flatMap((partitions) =>
    grid.messagesPerSecondPerReplica.flatMap((messagesPerSecondPerReplica) =>
      grid.rebalanceSeconds.map((rebalanceSeconds) => ({ partitions, messagesPerSecondPerReplica, rebalanceSeconds })),
    ),
  );
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const toggle = { type: 'boolean' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run simulate',
    options: {
      scenarios: value,
      seeds: value,
      controllers: value,
      detail: toggle,
      plot: value,
      grid: toggle,
      json: toggle,
      help: toggle,
    },
  });
  if (flags.help) return console.log(help);
  if (flags.grid && flags.scenarios)
    throw new SetupError('--grid plays the built-in scenarios: leave --scenarios out.');
  const seeds = seedsOf(flags.seeds ?? (flags.grid ? '1' : '1,2,3'));
  const chosen = flags.controllers === undefined ? undefined : controllersOf(flags.controllers);
  const controllers = ({ partitions }: Scenario) =>
    chosen ?? usualControllers(partitions).filter((name) => !(flags.grid && name === 'oracle'));
  const given = flags.scenarios === undefined ? undefined : await scenariosOf(flags.scenarios);
  const plot = plotOf(flags);
  const progress = new Progress(process.stderr, () => performance.now());
  for (const setting of flags.grid ? gridSettings() : [usualSetting]) {
    const title = given
      ? `${given.length} scenarios of ${flags.scenarios}`
      : `${setting.partitions} partitions, ${setting.messagesPerSecondPerReplica}/s per replica, rebalances of ${setting.rebalanceSeconds} s`;
    const plan = { seeds, controllers, scenarios: (seed: number) => given ?? builtInScenarios(seed, setting) };
    const results = await play(title, plan, progress);
    show(results, title, flags);
    if (plot !== undefined) await writeFile(plot, paretoPlot(summarize(results), title));
  }
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

main().catch((error) => {
  const isSentence = error instanceof SetupError || error instanceof DomainError;
  console.error(isSentence ? error.message : error);
  process.exitCode = 1;
});
