// `npm run load`: real orders against the shop that is running, and the proof that none was lost or paid twice.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../services/shared/src/env.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';
import { auditCharges } from './load/charge-audit.ts';
import { type LoadPlan, type LoadState, newLoadState, runLoad } from './load/load-run.ts';
import { summarize } from './load/load-summary.ts';
import { decisionOf, orderPlacer } from './load/order-traffic.ts';
import { createSample, readLedger, type ShopUrls } from './load/shop-api.ts';
import { planShop } from './local/plan.ts';
import { startSettings } from './local/settings.ts';

const defaults = { orders: 200, rate: 20, concurrency: 64, timeout: 60 };

const help = `npm run load -- [FLAGS]

Places orders at the shop that \`npm start\` runs, at a constant rate, whether or not earlier ones were answered; waits
until each is decided; then holds the payment provider's own ledger against them.

  --orders N        how many orders (${defaults.orders})
  --rate R          orders per second (${defaults.rate})
  --concurrency C   most requests that place an order at once (${defaults.concurrency})
  --timeout S       when none was decided for S seconds, the undecided orders are lost (${defaults.timeout})
  --help            this text

The shop is looked for at SHOP_HOST, ORDERS_PORT, CLIENTS_PORT, PRODUCTS_PORT and PROVIDER_PORT, as \`npm start\` has them.
Accept is measured from the moment an order was due; decision is from acceptance, by the clock of orders.

Exit status: 0 if every accepted order was decided and charged exactly as its status says; else 1.
`;

function planOf(flags: Partial<Record<'orders' | 'rate' | 'concurrency' | 'timeout', string>>): LoadPlan {
  const read = (flag: keyof typeof defaults, [min, max]: readonly [number, number], whole = true) =>
    numberFlag(flag, flags[flag], { fallback: defaults[flag], min, max, whole });
  const concurrency = read('concurrency', [1, 1_000]);
  return {
    orders: read('orders', [1, 1_000_000]),
    rate: read('rate', [0.01, 10_000], false),
    concurrency,
    watchers: 16,
    timeoutMs: read('timeout', [1, 3_600]) * 1_000,
  };
}

function progressText({ accepted, refused, unanswered, decided }: LoadState): string {
  const failed = refused + unanswered;
  return `${accepted} accepted, ${decided} decided, ${accepted - decided} in flight${failed ? `, ${failed} not accepted` : ''}`;
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run load',
    options: { orders: value, rate: value, concurrency: value, timeout: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const plan = planOf(flags);
  const { services } = planShop(readSettings(startSettings, process.env));
  const urls: ShopUrls = {
    orders: services.orders.url,
    clients: services.clients.url,
    products: services.products.url,
  };
  const progress = new Progress(process.stdout, () => performance.now());
  const sample = await createSample(urls, plan.orders).catch((error: Error) => {
    throw new SetupError(`The shop does not answer (${reasonOf(error)}): start it with \`npm start\`.`);
  });
  const state = newLoadState();
  const everyMs = process.stdout.isTTY ? 200 : 2_000;
  await progress.step(
    `${plan.orders} orders at ${plan.rate}/s`,
    async (step) => {
      const timer = setInterval(() => step.note(progressText(state)), everyMs);
      await runLoad(
        plan,
        {
          place: orderPlacer(urls.orders, { order: sample, keyPrefix: randomUUID(), patienceMs: plan.timeoutMs }),
          decision: (id) => decisionOf(urls.orders, id),
          nowMs: () => performance.now(),
          sleep: (ms) => sleep(ms),
        },
        state,
      ).finally(() => clearInterval(timer));
    },
    () => `${plan.orders} orders at ${plan.rate}/s: ${progressText(state)}`,
  );
  const entries = await progress.step('Ledger of the provider', () => readLedger(services.provider.url));
  const totalCents = Math.round(sample.total * 100);
  const orders = state.ids.map((id) => ({ id, word: state.decisions.get(id)?.word, totalCents }));
  const { text, isWell } = summarize(state, auditCharges(orders, entries));
  console.log(`\n${text}`);
  process.exitCode = isWell ? 0 : 1;
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

await runScript(main);
