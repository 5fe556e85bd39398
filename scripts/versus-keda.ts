// `npm run versus-keda`: the lag controller and real KEDA side by side, in the cluster that KUBECONFIG names.
import { writeFile } from 'node:fs/promises';
import { bringImage } from './cluster/images.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { SetupError } from './embedded/setup-error.ts';
import { thisMachine } from './measuring/machine.ts';
import { type Load, loads } from './versus-keda/loads.ts';
import { groupName, type PlayedLoad, play } from './versus-keda/play.ts';
import {
  merged,
  type Recorded,
  type RecordedLoad,
  readRecorded,
  recordedFile,
  recordedLoad,
} from './versus-keda/recorded.ts';
import { report } from './versus-keda/report.ts';
import { keepRounds } from './versus-keda/rounds.ts';
import { type Side, sides } from './versus-keda/sides.ts';
import { openStage, requireKeda, type Versions } from './versus-keda/stage.ts';

const help = `npm run versus-keda -- [FLAGS]

Plays loads to the same consumers, scaled on each side by something else: the lag controller, KEDA at its defaults, KEDA
at other settings. In a namespace of their own, which is removed afterwards; 40 minutes a run. Needs kubectl, helm, KEDA
and the image lag-controller in the cluster of KUBECONFIG; IMAGES builds it, as for \`npm run up\`.

  --loads a,b     only these; else ${loads.map(({ name }) => name).join(', ')}
  --sides a,b     only these, and no record; else ${sides.map(({ name }) => name).join(', ')}
  --runs N        each load that often, in turn (1)
  --tag TAG       of the image (dev)
  --rounds FOLDER what the lag controller saw and decided, a file for each load, run and side
  --record        writes what was measured to scripts/versus-keda/recorded.json, after each run what there is until then;
                  loads that were not played stay
  --json          the same as JSON, nothing else on standard output
  --help          this text
`;

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const toggle = { type: 'boolean' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run versus-keda',
    options: {
      ...{ loads: value, sides: value, runs: value, tag: value, rounds: value },
      ...{ record: toggle, json: toggle, help: toggle },
    },
  });
  if (flags.help) return console.log(help);
  const chosenLoads = chosen<Load>('loads', flags.loads, loads);
  const chosenSides = chosen<Side>('sides', flags.sides, sides);
  const runs = numberFlag('runs', flags.runs, { fallback: 1, min: 1, max: 20, whole: true });
  if (flags.record && flags.sides !== undefined)
    throw new SetupError('--record wants all sides: leave --sides out, or the others would be gone from the record.');
  const progress = new Progress(process.stderr, () => performance.now());
  const versions = await requireKeda();
  const tag = flags.tag ?? 'dev';
  if (process.env.IMAGES)
    await progress.step('image', () => bringImage(process.env.IMAGES as string, 'lag-controller', tag));
  const turns = Array.from({ length: runs }, (_, index) => index + 1);
  const targets = turns.flatMap((run) =>
    chosenLoads.flatMap((load) => chosenSides.map((side) => groupName(load, run, side))),
  );
  const stage = await openStage(progress, { versions, tag, targets });
  const after = async (names: readonly string[]) => {
    if (flags.rounds === undefined) return;
    // What was measured is not given up for it.
    await keepRounds(stage, names, flags.rounds).catch((error: Error) => progress.say(`--rounds: ${error.message}`));
  };
  const played = new Map<Load, [PlayedLoad, ...PlayedLoad[]]>();
  const result = () => recordOf(versions, [...played.values()].map(recordedLoad));
  const playAll = async () => {
    for (const run of turns) {
      for (const load of chosenLoads) {
        const outcome = await progress.step(`${load.name}, run ${run} of ${runs}`, ({ note }) =>
          play(stage, load, chosenSides, { run, image: `lag-controller:${tag}`, note, after }),
        );
        progress.say(report([recordedLoad([outcome])]));
        played.set(load, [...(played.get(load) ?? []), outcome] as [PlayedLoad, ...PlayedLoad[]]);
      }
      if (flags.record) await writeFile(recordedFile, `${JSON.stringify(merged(readRecorded(), result()))}\n`);
    }
  };
  await Promise.race([playAll(), interruption()]).finally(() => progress.step('removing', () => stage.close()));
  console.log(flags.json ? JSON.stringify(result()) : report(result().loads));
  if (flags.record) console.error('Recorded. `npm run generate` writes docs/versus-keda.md and its picture.');
}

/** Rejects when somebody ends this process: what was made in the cluster goes first. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new SetupError(`Ended by ${signal}.`)));
  });
}

function recordOf(versions: Versions, played: readonly RecordedLoad[]): Recorded {
  return { measuredAt: new Date().toISOString(), machine: thisMachine(), ...versions, loads: played };
}

function chosen<T extends { readonly name: string }>(flag: string, raw: string | undefined, all: readonly T[]): T[] {
  const names = raw?.split(',') ?? all.map(({ name }) => name);
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found) return found;
    throw new SetupError(`--${flag} ${name} is not known: it is of ${all.map((one) => one.name).join(', ')}.`);
  });
}

main().catch((error) => {
  console.error(error instanceof SetupError ? error.message : error);
  // A load that was given up may still be going on.
  process.exit(1);
});
