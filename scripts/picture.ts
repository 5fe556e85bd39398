// `npm run picture`: the picture of a burst in docs/lag-controller.md, from what was recorded of one; `-- --record` records another.
import { readSettings } from '../services/shared/src/env.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';
import { planShop } from './local/plan.ts';
import { startSettings } from './local/settings.ts';
import { drawBurst, keepBurst } from './picture/burst.ts';
import { recordBurst } from './picture/record.ts';

const help = `npm run picture -- [--record [--orders N] [--rate R]]

Draws docs/burst.svg from docs/data/burst.jsonl. With --record a burst of N orders (900) at R per second (45) is first
placed at the shop that \`npm start\` runs, and recorded there; the shop is looked for as \`npm run load\` does.
`;

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run picture',
    options: { record: { type: 'boolean' }, orders: value, rate: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  if (!flags.record && (flags.orders ?? flags.rate) !== undefined)
    throw new SetupError('--orders and --rate say what --record records.');
  if (flags.record) {
    const { services } = planShop(readSettings(startSettings, process.env));
    const recording = await recordBurst({
      ordersUrl: services.orders.url,
      lagControllerUrl: services['lag-controller'].url,
      orders: numberFlag('orders', flags.orders, { fallback: 900, min: 1, max: 10_000, whole: true }),
      rate: numberFlag('rate', flags.rate, { fallback: 45, min: 1, max: 1_000, whole: false }),
    });
    keepBurst(recording);
  }
  drawBurst();
  console.log('docs/burst.svg was written.');
}

await runScript(main);
