// `npm run chaos`: the shop under kills, freezes and broken networks, and the proof of what it lost.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleServices } from './chaos/bundles.ts';
import { type FaultKind, faultKinds } from './chaos/fault-plan.ts';
import { readHistory } from './chaos/history-file.ts';
import { findingsText, ruleOfThree, runText } from './chaos/report.ts';
import { runChaos } from './chaos/run.ts';
import { type Finding, judge } from './chaos/verdict.ts';
import { SetupError } from './embedded/setup-error.ts';
import { numberFlag, parseFlags } from './local/arguments.ts';
import { Progress } from './local/progress.ts';

const kinds = Object.keys(faultKinds) as FaultKind[];
const defaults = { orders: 1_000, kills: 12, rate: 20, patience: 120 };

const help = `npm run chaos -- [FLAGS]

Starts the shop on servers, ports and a folder of its own, places orders, and meanwhile kills and freezes its processes,
restarts Kafka and the database, scales payments and breaks the network. When nothing waits any more, a checker that
shares no code with the shop holds everything that was recorded against what the shop promises.

  --orders N      how many orders (${defaults.orders})
  --rate R        orders per second (${defaults.rate})
  --kills K       how many processes are killed; other faults come in proportion (${defaults.kills})
  --faults A,B    which faults: ${kinds.join(', ')} (all)
  --seed S        repeats what a run with that seed did (drawn)
  --patience S    how long the shop may take to come to rest (${defaults.patience})
  --folder DIR    where data, logs and the history are kept (a temporary folder, kept where a promise was broken)
  --judge FILE    runs nothing: judges a history again
  --help          this text

Exit status: 0 if every promise was kept, else 1.
`;

const value = { type: 'string' } as const;
const flagTypes = {
  orders: value,
  rate: value,
  kills: value,
  faults: value,
  seed: value,
  patience: value,
  folder: value,
  judge: value,
  help: { type: 'boolean' },
} as const;

function kindsOf(text: string | undefined): FaultKind[] {
  if (text === undefined) return kinds;
  const chosen = text.split(',').filter((name) => name !== '') as FaultKind[];
  const unknown = chosen.find((name) => !kinds.includes(name));
  if (unknown !== undefined) throw new SetupError(`--faults takes ${kinds.join(', ')}, and not ${unknown}.`);
  return chosen;
}

function conclude(findings: readonly Finding[], orders: number): void {
  const broken = findings.filter(({ faults }) => faults.length > 0);
  console.log(`\n${findingsText(findings)}\n`);
  if (broken.length === 0)
    console.log(
      `Every promise was kept. With no loss in ${orders} orders the rate of loss is below ${ruleOfThree(orders)} (95 % confidence).`,
    );
  else console.log(`${broken.length} of ${findings.length} promises were BROKEN.`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), { command: 'npm run chaos', options: flagTypes });
  if (flags.help) return console.log(help);
  if (flags.judge !== undefined) {
    const history = readHistory(flags.judge);
    return conclude(judge(history), history.filter(({ kind }) => kind === 'order').length);
  }
  const read = (flag: keyof typeof defaults, min: number, max: number) =>
    numberFlag(flag, flags[flag], { fallback: defaults[flag], min, max, whole: flag !== 'rate' });
  const seed = numberFlag('seed', flags.seed, {
    fallback: Math.floor(Math.random() * 1_000_000),
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
  });
  const folder = flags.folder ?? (await mkdtemp(join(tmpdir(), 'shop-chaos-')));
  const plan = {
    seed,
    orders: read('orders', 1, 1_000_000),
    perSecond: read('rate', 0.1, 1_000),
    kills: read('kills', 0, 10_000),
    kinds: kindsOf(flags.faults),
    patienceMs: read('patience', 1, 3_600) * 1_000,
  };
  const progress = new Progress(process.stdout, () => performance.now());
  const root = join(import.meta.dirname, '..');
  const main = await progress.step('The services are bundled', () => bundleServices(root, join(folder, 'bundles')));
  const result = await runChaos({ ...plan, folder, main, progress });
  console.log(`\n${runText(result)}`);
  conclude(judge(result.history), result.history.filter(({ kind }) => kind === 'order').length);
  const again = `npm run chaos -- --orders ${plan.orders} --rate ${plan.perSecond} --kills ${plan.kills} --faults ${plan.kinds.join(',')} --seed ${seed}`;
  console.log(`The same again: ${again}`);
  if (flags.folder === undefined && !process.exitCode) await rm(folder, { recursive: true, force: true });
  else console.log(`History and logs: ${folder}`);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exit(1);
  },
);
