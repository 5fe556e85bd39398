// `npm run chaos`: the shop under kills, freezes, outages and broken networks, and the proof of what it lost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAroundBaselines, bundleServices } from './chaos/bundles.ts';
import { crashPoints } from './chaos/crash-points.ts';
import { type FaultKind, faultKinds } from './chaos/fault-plan.ts';
import { readHistory } from './chaos/history-file.ts';
import type { Crashes } from './chaos/matrix.ts';
import { crashesText, findingsText, lossText, ruleOfThree, runText } from './chaos/report.ts';
import { runScene } from './chaos/run.ts';
import { runControls } from './chaos/run-controls.ts';
import { crashMatrix, outage, type Play, randomFaults } from './chaos/scenes.ts';
import { judge } from './chaos/verdict.ts';
import { type Flags, numberFlag, parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { SetupError } from './embedded/setup-error.ts';

const kinds = Object.keys(faultKinds) as FaultKind[];
const defaults = { orders: 1_000, kills: 12, rate: 20, brokers: 1, times: 3, patience: 120 };

const help = `npm run chaos -- [FLAGS]

Starts the shop on servers, ports and a folder of its own, places orders, and meanwhile kills and freezes its processes,
restarts Kafka, RabbitMQ and the database, scales payments and breaks the network. Clients are told through a RabbitMQ where
there is one, else straight from Kafka. When nothing waits any more, a checker that shares no code with the shop holds
everything that was recorded against what the shop promises.

  --orders N           how many orders (${defaults.orders})
  --rate R             orders per second (${defaults.rate})
  --kills K            how many processes are killed; other faults come in proportion (${defaults.kills})
  --faults A,B         which faults: ${kinds.join(', ')} (all; leader with three brokers only)
  --brokers B          of Kafka, 1 or 3: three lose and regain leaders while two go on (${defaults.brokers})
  --matrix             instead: a process is killed at each named point of an order's way
  --times T            so often at each point (${defaults.times})
  --outage WHAT:30s    instead: kafka or database is away for that long, and nothing else happens
  --controls           instead: guards of the shop's own code are taken out, one by one, and the checker must notice each
  --dual-write         the same with orders that save and then send, and a plain consumer: shows what they lose
  --seed S             repeats what a run with that seed did (drawn)
  --patience S         after it, how long what waits may become no less (${defaults.patience})
  --folder DIR         where data, logs and the history are kept (a temporary folder, kept where a promise was broken)
  --judge FILE         runs nothing: judges a history again
  --help               this text

Exit status: 0 if every promise was kept, else 1.
`;

const value = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const flagTypes = {
  ...{
    orders: value,
    rate: value,
    kills: value,
    faults: value,
    brokers: value,
    matrix: flag,
    times: value,
    outage: value,
    controls: flag,
    'dual-write': flag,
  },
  ...{ seed: value, patience: value, folder: value, judge: value, help: flag },
} as const;
type Given = Flags<typeof flagTypes>;

function numberOf(given: Given, name: keyof typeof defaults, min: number, max: number): number {
  return numberFlag(name, given[name], { fallback: defaults[name], min, max, whole: name !== 'rate' });
}

/** Two would be worse than one: a quorum of two needs both. */
function brokersOf(given: Given): number {
  const brokers = numberOf(given, 'brokers', 1, 3);
  if (brokers === 2) throw new SetupError('--brokers takes 1 or 3, and not 2.');
  return brokers;
}

function kindsOf(text: string | undefined, brokers: number): FaultKind[] {
  if (text === undefined) return kinds.filter((kind) => kind !== 'leader' || brokers > 1);
  const chosen = text.split(',').filter((name) => name !== '') as FaultKind[];
  const unknown = chosen.find((name) => !kinds.includes(name));
  if (unknown !== undefined) throw new SetupError(`--faults takes ${kinds.join(', ')}, and not ${unknown}.`);
  if (chosen.includes('leader') && brokers === 1)
    throw new SetupError('--faults leader needs --brokers 3: no leader moves where there is one broker.');
  return chosen;
}

function outageOf(text: string): { of: 'kafka' | 'database'; awayMs: number } {
  const [, of, seconds] = /^(kafka|database):(\d+)s$/.exec(text) ?? [];
  if (of === undefined) throw new SetupError(`--outage takes kafka:300s or database:30s, and not ${text}.`);
  return { of: of as 'kafka' | 'database', awayMs: Number(seconds) * 1_000 };
}

/** The play, how it is repeated, and what more there is to say in the end: true where all of it took place. */
function playOf(
  given: Given,
  { seed, brokers }: { seed: number; brokers: number },
  progress: Progress,
): { play: Play; again: string; more: () => boolean } {
  const perSecond = numberOf(given, 'rate', 0.1, 1_000);
  const nothing = () => true;
  if (given.matrix) {
    const times = numberOf(given, 'times', 1, 100);
    let made: Crashes = new Map();
    const play = crashMatrix({ points: crashPoints, times }, progress, (crashes) => {
      made = crashes;
    });
    const more = () => {
      console.log(`\n${crashesText(made, times)}`);
      return made.size > 0 && [...made.values()].every((count) => count >= times);
    };
    return { play, again: `--matrix --times ${times}`, more };
  }
  if (given.outage !== undefined) {
    const { of, awayMs } = outageOf(given.outage);
    const play = outage(of, awayMs, perSecond, progress);
    return { play, again: `--outage ${given.outage} --rate ${perSecond}`, more: nothing };
  }
  const orders = numberOf(given, 'orders', 1, 1_000_000);
  const kills = numberOf(given, 'kills', 0, 10_000);
  const chosen = kindsOf(given.faults, brokers);
  const again = `--orders ${orders} --rate ${perSecond} --kills ${kills} --faults ${chosen.join(',')}`;
  return { play: randomFaults({ seed, orders, perSecond, kills, kinds: chosen }, progress), again, more: nothing };
}

/** Prints the verdict. @returns whether every promise was kept */
function conclude(history: Parameters<typeof judge>[0]): boolean {
  const findings = judge(history);
  const broken = findings.filter(({ faults }) => faults.length > 0).length;
  const orders = history.filter((line) => line.kind === 'order').length;
  console.log(`\n${findingsText(findings)}\n`);
  if (orders === 0) console.log('There is no order in this history: nothing was proved.');
  else if (broken > 0) console.log(`${broken} of ${findings.length} promises were BROKEN.`);
  else
    console.log(
      `Every promise was kept. With none of ${orders} orders lost, the rate of loss is below ${ruleOfThree(orders)} (95 % confidence).`,
    );
  return orders > 0 && broken === 0;
}

async function run(given: Given): Promise<boolean> {
  const drawn = Math.floor(Math.random() * 1_000_000);
  const seed = numberFlag('seed', given.seed, { fallback: drawn, min: 0, max: 2 ** 32 - 1, whole: true });
  const progress = new Progress(process.stdout, () => performance.now());
  const brokers = brokersOf(given);
  const { play, again, more } = playOf(given, { seed, brokers }, progress);
  const patienceMs = numberOf(given, 'patience', 1, 3_600) * 1_000;
  const folder = given.folder ?? (await mkdtemp(join(tmpdir(), 'shop-chaos-')));
  const root = join(import.meta.dirname, '..');
  const bundle = given['dual-write'] ? bundleAroundBaselines : bundleServices;
  const main = await progress.step('The services are bundled', () => bundle(root, join(folder, 'bundles')));
  const result = await runScene({ ...play, brokers, seed, patienceMs, folder, main, progress }, play.scene);
  if (given['dual-write']) {
    console.log(`\n${lossText(result)}`);
    return true;
  }
  console.log(`\n${runText(result)}`);
  const tookPlace = more();
  const isKept = conclude(result.history) && tookPlace;
  if (!tookPlace) console.log('Not everything took place that was to be survived.');
  console.log(`The same again: npm run chaos -- ${again} --brokers ${brokers} --seed ${seed}`);
  if (given.folder === undefined && isKept) await rm(folder, { recursive: true, force: true });
  else console.log(`History and logs: ${folder}`);
  return isKept;
}

async function main(): Promise<boolean> {
  const given = parseFlags(process.argv.slice(2), { command: 'npm run chaos', options: flagTypes });
  if (given.judge !== undefined) return conclude(readHistory(given.judge));
  if (given.controls) return runControls();
  if (!given.help) return run(given);
  console.log(help);
  return true;
}

main().then(
  (isWell) => process.exit(isWell ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exit(1);
  },
);
