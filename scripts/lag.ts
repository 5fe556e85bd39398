// `npm run lag`: what the lag controller sees and does, in the terminal.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timeline } from '../services/lag-controller/src/reporting/timeline.ts';
import { readSettings } from '../services/shared/src/env.ts';
import { parseFlags } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';
import { lagView } from './lag/lag-view.ts';
import { call } from './load/shop-api.ts';
import { planShop } from './local/plan.ts';
import { startSettings } from './local/settings.ts';

const help = `npm run lag [-- --watch]

Shows what the lag controller of \`npm start\` sees and does: messages waiting, the age of the oldest, replicas, and why.

  --watch   again every 2 seconds, until Ctrl-C
  --help    this text

It is looked for at SHOP_HOST and LAG_CONTROLLER_PORT.
`;

const everyMs = 2_000;
const timeoutMs = 3_000;

async function look(url: string): Promise<string> {
  const get = async (path: string) => (await call('GET', `${url}${path}`, { timeoutMs })).body;
  try {
    const { items } = (await get('/v1/scalers')) as { items: Timeline[] };
    const all = await Promise.all(
      items.map(({ scaler }) => get(`/v1/scalers/${encodeURIComponent(scaler)}/history`) as Promise<Timeline>),
    );
    return all.map(lagView).join('\n\n') || 'The lag controller has had no round yet.';
  } catch (error) {
    throw new SetupError(`The lag controller does not answer (${(error as Error).message}): is \`npm start\` running?`);
  }
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run lag',
    options: { watch: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const { url } = planShop(readSettings(startSettings, process.env)).services['lag-controller'];
  if (!flags.watch) return console.log(await look(url));
  for (;;) {
    const text = await look(url).catch((error: Error) => error.message);
    console.log(
      `${process.stdout.isTTY ? '\x1b[H\x1b[2J\x1b[3J' : ''}${new Date().toTimeString().slice(0, 8)}\n${text}\n`,
    );
    await sleep(everyMs);
  }
}

await runScript(main);
