// `npm run bench`: how fast the shop is, as ratios to what is measured beside it in the same minutes.
import { writeFile } from 'node:fs/promises';
import { measureAdapters } from './bench/adapters.ts';
import { measureController } from './bench/controller.ts';
import { type Figure, isReached, regressions } from './bench/figures.ts';
import { measureGrowth } from './bench/growth.ts';
import { measureIntake } from './bench/intake.ts';
import { measureLatency } from './bench/latency.ts';
import { measurePayments } from './bench/payments.ts';
import { merged, type Result, readRecorded, recordedFile } from './bench/recorded.ts';
import { table } from './bench/report.ts';
import { measureSize } from './bench/size.ts';
import { openWorld, type World } from './bench/world.ts';
import { parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';

const groups: Readonly<Record<string, (world: World) => Promise<Figure[]>>> = {
  intake: measureIntake,
  payments: measurePayments,
  latency: measureLatency,
  growth: measureGrowth,
  size: measureSize,
  controller: measureController,
  adapters: measureAdapters,
};

const help = `npm run bench -- [FLAGS]

Measures on a Kafka and a database of its own, each side in a process of its own, in turn, at least five rounds each.
Ratios compare with the machine of the same minutes; the other figures are of this machine only.

  --only GROUP    one of ${Object.keys(groups).join(', ')}, or several with commas between
  --check         fails where a ratio is below 0.85 of the recorded one
  --record        writes what was measured to scripts/bench/recorded.json
  --json          the result as JSON, nothing else on standard output
  --help          this text

Exit status: 0; 1 when something could not be measured, and with --check when a ratio fell.
`;

const toggle = { type: 'boolean' } as const;

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run bench',
    options: { only: { type: 'string' }, check: toggle, record: toggle, json: toggle, help: toggle },
  });
  if (flags.help) return console.log(help);
  const chosen = chosenGroups(flags.only);
  const result = await measure(chosen);
  console.log(flags.json ? JSON.stringify(result, undefined, 2) : table(result.figures));
  // Before what was recorded is replaced.
  if (flags.check) check(result);
  if (flags.record) {
    const recorded = merged(readRecorded(), result);
    await writeFile(recordedFile, `${JSON.stringify(recorded, undefined, 2)}\n`);
    console.error('Recorded. `npm run generate` writes docs/performance.md.');
  }
  for (const { id } of result.figures.filter((figure) => !isReached(figure)))
    console.error(`${id} does not reach what it has to.`);
}

function chosenGroups(only: string | undefined): string[] {
  const chosen = only?.split(',') ?? Object.keys(groups);
  const unknown = chosen.find((name) => !groups[name]);
  if (unknown !== undefined)
    throw new SetupError(`--only ${unknown} is not known: it is one of ${Object.keys(groups).join(', ')}.`);
  return chosen;
}

async function measure(chosen: readonly string[]): Promise<Result> {
  const progress = new Progress(process.stderr, () => performance.now());
  const world = await progress.step('Kafka and database', () => openWorld(progress));
  try {
    const figures: Figure[] = [];
    for (const name of chosen)
      try {
        figures.push(...((await groups[name]?.(world)) ?? []));
      } catch (error) {
        // The others are worth their minutes all the same.
        console.error(`${name} could not be measured:`, error);
        process.exitCode = 1;
      }
    return { machine: world.machine, measuredAt: new Date().toISOString(), figures };
  } finally {
    await world.close();
  }
}

function check(result: Result): void {
  const recorded = readRecorded();
  if (recorded.length === 0) throw new SetupError('Nothing is recorded to check against: npm run bench -- --record.');
  const fallen = regressions(
    recorded.flatMap(({ figures }) => figures),
    result.figures,
  );
  for (const sentence of fallen) console.error(sentence);
  if (fallen.length > 0) process.exitCode = 1;
  else console.error('No ratio fell below 0.85 of the recorded one.');
}

await runScript(main);
