import type { PartitionOffsets } from '../../services/shared/src/kafka/admin.ts';
import { numberFlag } from '../command-line/arguments.ts';
import { command, type Tools } from './command-line.ts';
import { bytesText, headerLines, valueLine } from './record-text.ts';
import { count } from './table.ts';
import { topicOffsets } from './topic-offsets.ts';
import { readTopic, type StoredRecord } from './topic-reader.ts';

const headerWidth = 60;

interface Wish {
  readonly topic: string;
  readonly fromBeginning: boolean;
  readonly max: number;
  readonly follow: boolean;
}

export const consume = command({
  help: `npm run kafka -- consume TOPIC [--from-beginning] [--max N] [--follow]

Prints the messages of a topic: partition:offset, key, headers (cut to ${headerWidth} characters each) and value. It reads beside
the groups of the services and moves none of their offsets. Messages of one partition come in order, those of several
partitions as they arrive.

  --from-beginning   what is kept already, too (only what is written from now on)
  --max N            end after N messages; with --from-beginning also when there are fewer
  --follow           with --from-beginning and --max: wait for the N-th message
Without --max it ends with Ctrl-C.`,
  options: { 'from-beginning': { type: 'boolean' }, max: { type: 'string' }, follow: { type: 'boolean' } },
  words: ['TOPIC'],
  plan(flags, [topic = '']) {
    const fromBeginning = flags['from-beginning'] ?? false;
    const unlimited = Number.MAX_SAFE_INTEGER;
    const max = numberFlag('max', flags.max, { fallback: unlimited, min: 1, max: unlimited, whole: true });
    const follow = flags.follow || !fromBeginning || flags.max === undefined;
    return (tools) => show(tools, { topic, fromBeginning, max, follow });
  },
});

async function show({ kafka, admin, print, note, interruption }: Tools, wish: Wish): Promise<void> {
  const { topic, fromBeginning, max, follow } = wish;
  const offsets = await topicOffsets(admin, topic);
  const at = (where: (offset: PartitionOffsets) => bigint) =>
    new Map(offsets.map((offset) => [offset.partition, where(offset)]));
  const from = at(({ low, high }) => (fromBeginning ? low : high));
  const start = fromBeginning ? 'its beginning' : 'now on';
  note(`Reading ${topic} from ${start}; ${follow ? 'Ctrl-C ends it' : `up to ${count(max, 'message')}`}.`);
  let shown = 0;
  const signal = interruption();
  const isComplete = await readTopic(kafka, admin, {
    topic,
    from,
    to: follow ? undefined : at(({ high }) => high),
    onRecord(record) {
      print(recordText(record));
      shown += 1;
      return shown < max;
    },
    signal,
  });
  const rest = isComplete || signal.aborted ? '' : ' Nothing more came: what is left up to the end may be deleted.';
  note(`${count(shown, 'message')}.${rest}`);
}

function recordText({ partition, offset, key, headers, value, timestamp }: StoredRecord): string {
  const shownHeaders = headerLines(headers, headerWidth).join('  ');
  return [
    `${partition}:${offset}  key=${bytesText(key)}  ${timestamp.toISOString()}`,
    ...(shownHeaders === '' ? [] : [`  ${shownHeaders}`]),
    `  ${valueLine(value)}`,
  ].join('\n');
}
