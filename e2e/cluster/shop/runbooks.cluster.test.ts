/** The commands of docs/runbooks, as they stand there, on a shop that is well. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { codeOf } from '../../../scripts/runbooks/runbook.ts';
import { podNames } from './eviction.ts';
import { inShop, installShop } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { type PortForward, portForward } from './port-forward.ts';

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
const changes = / (?:scale|delete|rollout undo) /;

const commands = readdirSync(folder).flatMap((name) =>
  codeOf(readFileSync(join(folder, name), 'utf8'))
    .commands.filter((command) => !elsewhere.some(([pattern]) => pattern.test(command)))
    .map((command) => [name, command] as const),
);

describe('the runbooks', () => {
  const forwards = new Map<string, PortForward>();

  beforeAll(async () => {
    await installShop();
    // What an undo goes back to.
    await inShop(['rollout', 'restart', 'deployment/payments']);
    await inShop(['rollout', 'status', 'deployment/payments', '--timeout=180s']);
    // The ports that `npm start` and `npm run forward` have.
    for (const [what, port] of [
      ['service/orders', 3001],
      ['service/lag-controller', 3005],
      ['deployment/notifications', 3006],
    ] as const)
      forwards.set(`http://localhost:${port}`, await portForward(what, port));
  });
  afterAll(async () => {
    await Promise.all([...forwards.values()].map(({ close }) => close()));
  });

  /** With what a reader puts in the place of capitals, and where a port is open here. */
  async function filled(command: string): Promise<string> {
    const [pod = ''] = await podNames({ 'app.kubernetes.io/name': 'payments' });
    const here = command.replaceAll('NAMESPACE', namespace).replaceAll(/\bPOD\b/g, pod);
    const trial = changes.test(here) ? `${here} --dry-run=server` : here;
    return [...forwards].reduce((line, [local, { url }]) => line.replaceAll(local, url), trial);
  }

  it.each(commands)('%s: %s', async (_, command) => {
    const [, what, port] = /port-forward (\S+) (\d+)$/.exec(command) ?? [];
    if (what !== undefined) return await (await portForward(what, Number(port))).close();
    const { stdout } = await run('bash', ['-o', 'pipefail', '-c', await filled(command)]);
    expect(stdout.trim()).not.toBe('');
    const [, restarted] = /rollout restart (\S+)/.exec(command) ?? [];
    if (restarted !== undefined) await inShop(['rollout', 'status', restarted, '--timeout=180s']);
  });
});
