import { SetupError } from '../embedded/setup-error.ts';
import { command, type Tools } from './command-line.ts';
import { topicOffsets } from './topic-offsets.ts';

const most = 1_000;

export const partitions = command({
  help: `npm run kafka -- partitions TOPIC N [--execute]

Raises the number of partitions of a topic to N; Kafka cannot lower it. Shows what would happen unless told to do it.
Keys move to other partitions by that: events of one order that is under way could be read out of order.

  --execute   do it`,
  options: { execute: { type: 'boolean' } },
  words: ['TOPIC', 'N'],
  plan({ execute = false }, [topic = '', n = '']) {
    const wanted = Number(n);
    if (!/^\d+$/.test(n) || wanted < 1 || wanted > most)
      throw new SetupError(`N must be a whole number from 1 to ${most}, but is ${JSON.stringify(n)}.`);
    return (tools) => raise(tools, topic, wanted, execute);
  },
});

async function raise({ admin, print }: Tools, topic: string, wanted: number, execute: boolean): Promise<void> {
  const offsets = await topicOffsets(admin, topic);
  const present = offsets.length;
  if (wanted < present)
    throw new SetupError(`${topic} has ${present} partitions, and Kafka cannot take any away: N must be larger.`);
  if (wanted === present) return print(`${topic} has ${present} partitions already: nothing to do.`);
  const messages = offsets.reduce((sum, { low, high }) => sum + (high - low), 0n);
  print(`${topic}: ${present} → ${wanted} partitions; the ${messages} messages that are kept stay where they are.

WARNING: a message's partition is a hash of its key, so about ${movedPercent(present, wanted)} % of the keys move. New events of an order then
stand in another partition than its old ones and could be read before them. Let every group read to the end first, with
nothing being written: \`npm run kafka -- lag --topic ${topic}\`. It cannot be undone.
`);
  if (!execute) return print('Nothing was changed: --execute does it.');
  await admin.addPartitions(topic, wanted);
  print(`Done: ${topic} has ${wanted} partitions.`);
}

/** How many keys of a hundred get another partition when `hash % from` becomes `hash % to`. */
function movedPercent(from: number, to: number): number {
  const leastCommonMultiple = (from * to) / greatestCommonDivisor(from, to);
  return Math.round(100 * (1 - from / leastCommonMultiple));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
