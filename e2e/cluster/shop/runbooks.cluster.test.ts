/** The commands of docs/runbooks, as they stand there, on a shop that is well. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { codeOf } from '../../../scripts/runbooks/runbook.ts';
import { helm } from '../helm.ts';
import { podNames } from './eviction.ts';
import { inShop, installShop } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { portForward } from './port-forward.ts';

jest.setTimeout(600_000);

const folder = join(import.meta.dirname, '../../../docs/runbooks');
const run = promisify(execFile);

/** Tried in other tests, and where. */
const elsewhere = [
  [/npm run /, 'dlq.int, kafka.int and those of notifications: Kafka and RabbitMQ are not reached from here'],
  [/port-forward service\/rabbitmq /, 'notifications.cluster: this shop has no RabbitMQ'],
  [/^helm upgrade$/, 'upgrade.cluster: the runbook names it, and the how-to has it whole'],
] as const;

/** What changes something is asked of the API server only, but for a restart, which kubectl cannot try. */
const changes = / (?:scale|delete|rollback) /;

const commands = readdirSync(folder).flatMap((name) =>
  codeOf(readFileSync(join(folder, name), 'utf8'))
    .commands.filter((command) => !elsewhere.some(([pattern]) => pattern.test(command)))
    .map((command) => [name, command] as const),
);

/** What `npm start` and `npm run forward` have at these ports. */
const ports = new Map([
  [3001, 'service/orders'],
  [3005, 'service/lag-controller'],
  [3006, 'deployment/notifications'],
]);

/** With what a reader puts in the place of capitals; what changes something is tried only. */
async function filled(command: string): Promise<string> {
  const [pod = ''] = await podNames({ 'app.kubernetes.io/name': 'payments' });
  const here = command.replaceAll('NAMESPACE', namespace).replaceAll(/\bPOD\b/g, pod);
  return changes.test(here) ? `${here} --dry-run=server` : here;
}

/** @returns what it printed @throws where any part of it failed */
async function runInShell(command: string): Promise<string> {
  const [local, port] = /http:\/\/localhost:(\d+)/.exec(command) ?? [];
  const forward = port === undefined ? undefined : await portForward(ports.get(Number(port)) ?? 'none', Number(port));
  try {
    const line = local && forward ? command.replace(local, forward.url) : command;
    return (await run('bash', ['-o', 'pipefail', '-c', line])).stdout;
  } finally {
    await forward?.close();
  }
}

describe('the runbooks', () => {
  beforeAll(async () => {
    await installShop();
    // What a roll-back goes back from.
    await helm(['upgrade', 'shop', 'charts/shop', '--reuse-values', '--namespace', namespace]);
  });

  it.each(commands)('%s: %s', async (_, command) => {
    const [, what, port] = /port-forward (\S+) (\d+)$/.exec(command) ?? [];
    if (what !== undefined) return await (await portForward(what, Number(port))).close();
    expect((await runInShell(await filled(command))).trim()).not.toBe('');
    const [, restarted] = /rollout restart (\S+)/.exec(command) ?? [];
    if (restarted !== undefined) await inShop(['rollout', 'status', restarted, '--timeout=180s']);
  });
});
