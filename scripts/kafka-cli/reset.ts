import { paymentsGroup } from '../../services/shared/src/contracts/topics.ts';
import { isDomainError } from '../../services/shared/src/errors.ts';
import type { GroupDescription } from '../../services/shared/src/kafka/admin.ts';
import { numberFlag } from '../command-line/arguments.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { command, type Tools } from './command-line.ts';
import { type Move, parseTarget, planMoves, type Target } from './reset-plan.ts';
import { table } from './table.ts';
import { topicOffsets } from './topic-offsets.ts';

interface Wish {
  readonly topic: string;
  readonly group: string;
  readonly target: Target;
  /** Undefined for all. */
  readonly partition: number | undefined;
  readonly execute: boolean;
}

const text = { type: 'string' } as const;

export const reset = command({
  help: `npm run kafka -- reset --topic T [--group G] --to earliest|latest|OFFSET|TIME [--partition P] [--execute]

Moves what a group has committed, so that it reads messages again or skips them. Shows what would happen unless told to
do it. All members of the group must have stopped.

  --topic T       the topic
  --group G       the group (${paymentsGroup})
  --to WHERE      earliest, latest, an offset, or a time like 2026-01-31T12:00:00Z (the first message written then or later)
  --partition P   this partition only (all of them)
  --execute       do it`,
  options: { topic: text, group: text, to: text, partition: text, execute: { type: 'boolean' } },
  words: [],
  plan({ topic, group = paymentsGroup, to, partition: number, execute = false }) {
    if (!topic) throw new SetupError('--topic is missing.');
    if (!to) throw new SetupError('--to is missing.');
    if (!group) throw new SetupError('--group must not be empty.');
    const range = { fallback: -1, min: 0, max: 1_000_000, whole: true };
    const partition = number === undefined ? undefined : numberFlag('partition', number, range);
    const target = parseTarget(to);
    return (tools) => move(tools, { topic, group, target, partition, execute });
  },
});

async function move({ admin, print }: Tools, wish: Wish): Promise<void> {
  const { topic, group, target, partition, execute } = wish;
  const description = await admin.describeGroup(group);
  if (execute) refuseMembers(group, description);
  const moves = await movesFor(admin, wish);
  const where = partition === undefined ? topic : `partition ${partition} of ${topic}`;
  const time = typeof target === 'object' && 'time' in target ? ` to ${target.time.toISOString()}` : '';
  const rows = moves.map(({ partition, from, to, effect }) => [partition, from ?? 'none', to, effect]);
  print(`${group} in ${where}${time}\n\n${table(['PARTITION', 'FROM', 'TO', 'EFFECT'], rows)}\n`);
  if (!execute) {
    const notes = [
      ...(description.state === 'Dead' ? ['Kafka does not know this group yet. '] : []),
      ...(description.members.length > 0 ? [`--execute would be refused now: ${membersOf(group, description)}. `] : []),
    ];
    return print(`${notes.join('')}Nothing was changed: --execute does it.`);
  }
  await commit(admin, wish, moves);
  print('Done.');
}

async function movesFor(admin: Tools['admin'], { topic, group, target, partition }: Wish): Promise<Move[]> {
  const all = await topicOffsets(admin, topic, group);
  const offsets = partition === undefined ? all : all.filter((offset) => offset.partition === partition);
  if (offsets.length === 0)
    throw new SetupError(`${topic} has no partition ${partition}: it has 0 to ${all.length - 1}.`);
  const isTime = typeof target === 'object' && 'time' in target;
  return planMoves(offsets, target, isTime ? await admin.offsetsAt(topic, target.time) : new Map());
}

async function commit(admin: Tools['admin'], { topic, group }: Wish, moves: readonly Move[]): Promise<void> {
  try {
    await admin.setOffsets(group, topic, new Map(moves.map(({ partition, to }) => [partition, to])));
  } catch (error) {
    // Somebody joined since we looked.
    if (isDomainError(error, 'unprocessable')) refuseMembers(group, await admin.describeGroup(group));
    throw error;
  }
  const committed = new Map((await admin.offsets(topic, group)).map((one) => [one.partition, one.committed]));
  const wrong = moves.filter(({ partition, to }) => committed.get(partition) !== to);
  if (wrong.length > 0)
    throw new SetupError(
      `Not everything was moved (partition ${wrong.map(({ partition }) => partition).join(', ')}): look with \`npm run kafka -- lag --group ${group} --topic ${topic}\` and run this again.`,
    );
}

function refuseMembers(group: string, description: GroupDescription): void {
  if (description.members.length > 0)
    throw new SetupError(`${membersOf(group, description)}: stop them first, since they would overwrite the offsets.`);
}

function membersOf(group: string, { members }: GroupDescription): string {
  const names = members.map(({ clientId, host }) => `${clientId} ${host}`).join(', ');
  return `${group} has ${members.length} active ${members.length === 1 ? 'member' : 'members'} (${names})`;
}
