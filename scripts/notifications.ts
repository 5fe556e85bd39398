// `npm run notifications`: what could not be delivered to clients, and another try for it.

import { settings } from '../services/notifications/src/config.ts';
import { listParked, retryParked } from '../services/notifications/src/parking.ts';
import { readSettings } from '../services/shared/src/env.ts';
import { parseFlagsAndWords } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';
import { table } from './kafka-cli/table.ts';

const help = `npm run notifications -- parked | retry ID…

  parked     lists the tasks that were given up, oldest first, with the reason
  retry ID…  puts these back into the queue; a client who was told meanwhile is not told again

Environment:
  AMQP_URL                     where RabbitMQ is (amqp://127.0.0.1:5672)
  AMQP_CA_FILE                 as the service has it
  NOTIFICATION_RETRY_DELAY_MS  as the service has it

Exit status: 0 when it was done, 1 when an ID is not parked or RabbitMQ cannot be used.
`;

type Target = Parameters<typeof listParked>[0];

function target(): Target {
  const { amqpUrl, amqpCaFile, retryDelayMs } = settings;
  const environment = { AMQP_URL: 'amqp://127.0.0.1:5672', ...process.env };
  const values = readSettings({ amqpUrl, amqpCaFile, retryDelayMs }, environment);
  return { url: values.amqpUrl as string, caFile: values.amqpCaFile, retryDelayMs: values.retryDelayMs };
}

async function showParked(): Promise<number> {
  const headings = ['ID', 'LANE', 'SINCE', 'ATTEMPTS', 'CODE', 'REASON'];
  const rows = (await listParked(target())).map(({ id, lane, at, attempts, code, reason }) => [
    ...[id, lane, at, Number(attempts), code, reason],
  ]);
  console.log(rows.length === 0 ? 'Nothing is parked.' : table(headings, rows));
  return 0;
}

async function retry(ids: readonly string[]): Promise<number> {
  const found = await retryParked(target(), ids);
  for (const id of ids) console.log(found.includes(id) ? `${id} is back in the queue.` : `${id} is not parked.`);
  return found.length === new Set(ids).size ? 0 : 1;
}

async function main(): Promise<void> {
  const { flags, words } = parseFlagsAndWords(process.argv.slice(2), {
    command: 'npm run notifications',
    options: { help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const [command, ...ids] = words;
  if (command === 'parked' && ids.length === 0) process.exitCode = await showParked();
  else if (command === 'retry' && ids.length > 0) process.exitCode = await retry(ids);
  else throw new SetupError('It is parked, or retry with an ID: `npm run notifications -- --help` tells more.');
}

await runScript(main);
