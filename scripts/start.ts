// `npm start`: the whole shop on this machine, one order through it, and then it stays up.
import { ConfigurationError, readSettings } from '../services/shared/src/env.ts';
import { parseFlags } from './command-line/arguments.ts';
import { formatSeconds } from './command-line/duration.ts';
import { Progress } from './command-line/progress.ts';
import { SetupError } from './embedded/setup-error.ts';
import { addressList } from './local/address-list.ts';
import { planShop, stopOrder } from './local/plan.ts';
import { type RunLock, takeLock } from './local/run-lock.ts';
import { describeSettings, startSettings } from './local/settings.ts';
import { forget, requireToolsAndPorts, type ShopNeeds, startShop } from './local/shop.ts';
import { Supervisor, type SupervisorEvent } from './local/supervisor.ts';
import { walkThrough } from './local/walk-through.ts';

const help = `npm start [-- FLAGS]

Starts Kafka, MongoDB and the shop's services on this machine, places one order and shows it being paid. Then it
stays up until Ctrl-C, which stops everything in order; a second Ctrl-C ends it at once.

  --once    stop everything as soon as the order is decided; exit 1 if it is not decided in half a minute
  --fresh   forget the data and logs of earlier runs first
  --help    this text

Environment:
${describeSettings()}
KAFKA_* for TLS and SASL, LOG_LEVEL and all other variables go to the services as they are.

Exit status: 0 after Ctrl-C, SIGTERM or a decided --once; 1 after a fault, told in one sentence; 130 after a second Ctrl-C.
`;

/** One Ctrl-C reaches this process up to three times: from the terminal, and through npm and the bootstrap. */
const sameSignalMs = 500;
/** How long what is just being started may take to notice that it shall end. */
const killMs = 200;
/** A JVM ends in order within 15 s, and on its first end ever writes its archive of classes after that. */
const patienceAfterKilledRunMs = 60_000;

const startedAt = performance.now();
const progress = new Progress(process.stdout, () => performance.now());
const supervisor = new Supervisor({
  nowMs: () => performance.now(),
  pause: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  report,
});
let lock: RunLock | undefined;
let stopping: Promise<void> | undefined;

function report(event: SupervisorEvent): void {
  const time = new Date().toTimeString().slice(0, 8);
  if (event.kind === 'back') progress.say(`${time} ${event.name} is up again (process ${event.pid})`);
  else
    progress.say(
      progress.paint('red', `${time} ${event.name} ${event.how}; starting it again in ${formatSeconds(event.pauseMs)}`),
    );
}

function stopAll(): Promise<void> {
  stopping ??= supervisor.stopAll(stopOrder, (name, stop) => progress.step(`Stopping ${name}`, stop));
  return stopping;
}

function exit(status: number): never {
  lock?.release();
  process.exit(status);
}

async function giveUp(error: unknown): Promise<never> {
  await stopAll().catch((fault) => console.error(fault));
  const isSentence = error instanceof SetupError || error instanceof ConfigurationError;
  console.error(isSentence ? error.message : error);
  return exit(1);
}

function listenToSignals(): void {
  let lastAt: number | undefined;
  let status = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    const repeated = lastAt !== undefined && now - lastAt < sameSignalMs;
    const first = lastAt === undefined;
    lastAt = now;
    if (repeated) return;
    if (!first) {
      status = 130;
      supervisor.killAll();
      setTimeout(() => exit(status), killMs);
      return;
    }
    progress.say(`${signal === 'SIGINT' ? 'Ctrl-C' : signal}: stopping in order …`);
    stopAll().then(() => exit(status), giveUp);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  process.on('uncaughtException', giveUp);
  process.on('exit', () => {
    supervisor.killAll();
    lock?.release();
  });
  // A terminal that was closed, or a reader of our output that ended, must not keep us from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm start',
    options: { once: { type: 'boolean' }, fresh: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const settings = readSettings(startSettings, process.env);
  const plan = planShop(settings);
  lock = takeLock(plan.lockFile);
  const needs: ShopNeeds = {
    settings,
    plan,
    supervisor,
    progress,
    environment: process.env,
    patienceMs: lock.takenOver ? patienceAfterKilledRunMs : 0,
    stopping: () => stopping !== undefined,
  };
  listenToSignals();
  await progress.step('Tools and ports', () => requireToolsAndPorts(needs));
  if (flags.fresh) await progress.step('Forgetting earlier runs', () => forget(plan));
  await startShop(needs);
  const { orders, clients, products } = plan.services;
  const urls = { orders: orders.url, clients: clients.url, products: products.url };
  const walk = await walkThrough(urls, progress, () => new Date());
  const took = formatSeconds(performance.now() - startedAt);
  progress.say(progress.paint('bold', `The shop is up after ${took}.`));
  if (!walk.decided) progress.say(progress.paint('red', `Order ${walk.orderId} was not decided in half a minute.`));
  if (flags.once) {
    await stopAll();
    exit(walk.decided ? 0 : 1);
  }
  progress.say(addressList(plan, walk, (name) => supervisor.replicas(name).map(({ pid }) => pid)));
}

main().catch((error) => (stopping ? undefined : giveUp(error)));
