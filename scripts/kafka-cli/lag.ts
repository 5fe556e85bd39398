import { setTimeout as sleep } from 'node:timers/promises';
import { isDomainError } from '../../services/shared/src/errors.ts';
import type { Admin, GroupDescription, PartitionOffsets } from '../../services/shared/src/kafka/admin.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { command, type Tools } from './command-line.ts';
import { count, table } from './table.ts';
import { allOffsets, lagOf, topicOffsets } from './topic-offsets.ts';

const everyMs = 2_000;

export const lag = command({
  help: `npm run kafka -- lag [--group G] [--topic T] [--watch]

Per partition, what a group has committed, the oldest message that is kept (LOW), where the next one will be written
(END), how many are still to be read (LAG) and which member reads it. «none» where the group never committed: that is
neither 0 nor «everything», since its consumer decides where it starts.

  --group G   this group only (all that have committed anything or are reading)
  --topic T   this topic only (every topic that the group has committed for or is reading)
  --watch     again every 2 seconds, until Ctrl-C`,
  options: { group: { type: 'string' }, topic: { type: 'string' }, watch: { type: 'boolean' } },
  words: [],
  plan:
    ({ group, topic, watch }) =>
    async (tools) => {
      const look = () => lagText(tools.admin, group, topic);
      if (watch) await watchLag(tools, look);
      else tools.print(await look());
    },
});

async function watchLag({ print, interruption }: Tools, look: () => Promise<string>): Promise<void> {
  const signal = interruption();
  while (!signal.aborted) {
    const text = await look().catch((error) => {
      // An outage is something to watch, too.
      if (isDomainError(error)) return error.message;
      throw error;
    });
    if (signal.aborted) return;
    const time = new Date().toTimeString().slice(0, 8);
    print(`${process.stdout.isTTY ? '\x1b[H\x1b[2J\x1b[3J' : ''}${time}\n${text}\n`);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function lagText(admin: Admin, wanted: string | undefined, topic: string | undefined): Promise<string> {
  const present = await admin.groups();
  if (wanted !== undefined && !present.includes(wanted) && topic === undefined)
    throw new SetupError(`Kafka knows no group ${JSON.stringify(wanted)}: \`npm run kafka -- lag\` lists them all.`);
  const parts: string[] = [];
  for (const group of wanted === undefined ? present : [wanted]) {
    const text = await groupText(admin, group, topic, wanted !== undefined);
    if (text !== undefined) parts.push(text);
  }
  const where = topic === undefined ? '' : ` of ${topic}`;
  return parts.join('\n\n') || `No group has committed anything${where}, and none is reading.`;
}

/** `undefined` for a group that was not asked for and has nothing to do with the topic. */
async function groupText(admin: Admin, groupId: string, wanted: string | undefined, isAskedFor: boolean) {
  const group = await admin.describeGroup(groupId);
  const read = await topicsOf(admin, group, groupId, wanted);
  if (!isAskedFor && !read.some(({ topic, offsets }) => isRead(group, topic, offsets))) return undefined;
  const heading = `${groupId}  ${group.state}, ${count(group.members.length, 'member')}`;
  const rows = [];
  const lags: (bigint | undefined)[] = [];
  for (const { topic, offsets } of read) {
    rows.push(...offsets.map((offset) => rowOf(topic, offset, owner(group, topic, offset.partition))));
    lags.push(...offsets.map(lagOf));
  }
  if (rows.length === 0) return `${heading}\n(has committed nothing and is reading nothing)`;
  const known = lags.filter((one) => one !== undefined);
  const unknown = lags.length - known.length;
  const none = unknown === 0 ? '' : `; nothing is committed for ${count(unknown, 'partition')}`;
  const total = known.length === 0 ? 'none' : known.reduce((sum, one) => sum + one, 0n);
  const headings = ['TOPIC', 'PARTITION', 'COMMITTED', 'LOW', 'END', 'LAG', 'OWNER'];
  return `${heading}\n${table(headings, rows)}\nTotal lag: ${total}${none}`;
}

/** The topic that is wanted, or all that the group has committed for or is reading. */
async function topicsOf(admin: Admin, group: GroupDescription, groupId: string, wanted: string | undefined) {
  if (wanted !== undefined) return [{ topic: wanted, offsets: await topicOffsets(admin, wanted, groupId) }];
  return (await allOffsets(admin, groupId))
    .map(({ topic: { topic }, offsets }) => ({ topic, offsets }))
    .filter(({ topic, offsets }) => isRead(group, topic, offsets));
}

function isRead(group: GroupDescription, topic: string, offsets: readonly PartitionOffsets[]): boolean {
  return offsets.some(({ committed, partition }) => committed !== undefined || owner(group, topic, partition));
}

function rowOf(topic: string, offset: PartitionOffsets, reader: string | undefined) {
  const { partition, committed, low, high } = offset;
  return [topic, partition, committed ?? 'none', low, high, lagOf(offset) ?? 'none', reader ?? '-'];
}

/** Member and host, as Kafka knows them. */
function owner({ members }: GroupDescription, topic: string, partition: number): string | undefined {
  const member = members.find(({ partitions }) =>
    partitions.some((own) => own.topic === topic && own.partition === partition),
  );
  return member && `${member.memberId} ${member.host}`;
}
