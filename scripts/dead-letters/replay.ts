import { SetupError } from '../embedded/setup-error.ts';
import { command, type Tools } from '../kafka-cli/command-line.ts';
import { printable } from '../kafka-cli/record-text.ts';
import { count } from '../kafka-cli/table.ts';
import { inOriginalOrder, type Letter, markerOf, type Origin, replayOf } from './letter.ts';
import { defaultTopic, findLetter, parseLetterId, readLetters, topicOption } from './read-letters.ts';

interface Wish {
  readonly topic: string;
  /** Undefined for all of them. */
  readonly ids: readonly string[] | undefined;
  readonly code: string | undefined;
  readonly again: boolean;
  readonly execute: boolean;
}

type Replayable = Letter & { readonly origin: Origin };

export const replay = command({
  help: `npm run dlq -- replay PARTITION:OFFSET… | --all [--code CODE] [--again] [--execute] [--topic T]

Sends dead letters to the topic they came from: the same bytes, key and headers, and a header dlq-replay-for that names
the group that gave up, so that no other group handles them. Shows what would be sent unless told to do it. A letter that
was replayed is left alone afterwards: a marker in the dead-letter topic says so, which \`list\` and \`show\` read.

  --all         every letter that was not replayed yet
  --code CODE   with --all: only those with this error code
  --again       also letters that were replayed already
  --execute     do it
  --topic T     the dead-letter topic (${defaultTopic})

A letter whose replay fails again comes back as a new letter. If this is killed between sending a message and noting it,
the message can be sent a second time; the services recognise what they have handled.`,
  options: {
    ...topicOption,
    all: { type: 'boolean' },
    code: { type: 'string' },
    again: { type: 'boolean' },
    execute: { type: 'boolean' },
  },
  words: [],
  more: true,
  plan({ topic, all = false, code, again = false, execute = false }, words) {
    if (all && words.length > 0) throw new SetupError('Name letters or give --all, not both.');
    if (!all && words.length === 0) throw new SetupError('Name letters as PARTITION:OFFSET, or give --all.');
    if (!all && code !== undefined) throw new SetupError('--code goes with --all.');
    const ids = all ? undefined : [...new Set(words.map(parseLetterId))];
    return (tools) => run(tools, { topic, ids, code, again, execute });
  },
});

async function run(tools: Tools, wish: Wish): Promise<void> {
  const { topic, ids, code, again, execute } = wish;
  const { print } = tools;
  const letters = await readLetters(tools, topic);
  const chosen =
    ids?.map((id) => findLetter(letters, id, topic)) ??
    letters.filter((letter) => code === undefined || letter.code === code);
  const due = chosen
    .filter(({ isReference, replayedAt }) => !isReference && (again || replayedAt.length === 0))
    .sort(inOriginalOrder);
  for (const letter of chosen) if (!due.includes(letter)) print(`${letter.id}  ${whyNot(letter)}`);
  const sendable = await requireOrigins(tools, due);
  if (sendable.length === 0) return print('Nothing to replay.');
  if (execute) return await sendAll(tools, topic, sendable);
  for (const letter of sendable) print(`${letter.id}  would be sent to ${destination(letter)}`);
  print(`\nNothing was sent: --execute sends ${sendable.length === 1 ? 'it' : `these ${sendable.length}`}.`);
}

/** @throws SetupError when a letter does not say where it came from, or that topic is gone */
async function requireOrigins({ admin }: Tools, letters: readonly Letter[]): Promise<Replayable[]> {
  const topics = new Set((await admin.topics()).map(({ topic }) => topic));
  return letters.map((letter) => {
    const { id, origin } = letter;
    if (origin === undefined)
      throw new SetupError(`${id} does not say which topic and group it came from, so it cannot be replayed.`);
    if (!topics.has(origin.topic))
      throw new SetupError(`${id} came from ${printable(origin.topic)}, which Kafka does not have any more.`);
    return { ...letter, origin };
  });
}

async function sendAll({ kafka, print, interruption }: Tools, topic: string, letters: readonly Replayable[]) {
  const signal = interruption();
  const producer = kafka.producer();
  let sent = 0;
  try {
    for (const letter of letters) {
      if (signal.aborted) break;
      // First the message, then the marker: the other way round a crash in between would lose it.
      await producer.send([replayOf(letter, letter.origin)]);
      await producer.send([markerOf(letter, topic, new Date())]);
      sent += 1;
      print(`${letter.id}  sent to ${destination(letter)}`);
    }
  } finally {
    await producer.close();
    print(`\n${count(sent, 'message')} replayed.`);
  }
  if (sent < letters.length) throw new SetupError(`Interrupted: ${letters.length - sent} were not replayed.`);
}

function whyNot({ isReference, origin, replayedAt }: Letter): string {
  if (isReference)
    return `has no contents, they were too large for a letter: the message is in ${printable(origin?.topic ?? '?')} at ${origin?.partition}:${origin?.offset}`;
  return `was replayed at ${printable(replayedAt.at(-1) ?? '')}; --again sends it once more`;
}

function destination({ origin }: Replayable): string {
  return `${printable(origin.topic)} for ${printable(origin.group)}`;
}
