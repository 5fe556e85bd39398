import { command } from '../kafka-cli/command-line.ts';
import { bytesText, printable } from '../kafka-cli/record-text.ts';
import { count, table } from '../kafka-cli/table.ts';
import type { Letter } from './letter.ts';
import { defaultTopic, readLetters, topicOption } from './read-letters.ts';

const messageWidth = 70;

export const list = command({
  help: `npm run dlq -- list [--topic T]

Every dead letter, oldest first: its PARTITION:OFFSET, when the group gave up, where the message came from, its key, why,
and whether it was replayed.

  --topic T   the dead-letter topic (${defaultTopic})`,
  options: topicOption,
  words: [],
  plan:
    ({ topic }) =>
    async (tools) => {
      const letters = await readLetters(tools, topic);
      if (letters.length === 0) return tools.print(`There are no dead letters in ${topic}.`);
      const headings = ['LETTER', 'WHEN', 'FROM', 'KEY', 'CODE', 'MESSAGE', 'REPLAYED'];
      tools.print(table(headings, letters.map(rowOf)));
      const open = letters.filter(({ replayedAt }) => replayedAt.length === 0).length;
      tools.print(`\n${count(letters.length, 'dead letter')}, ${open} not replayed.`);
    },
});

function rowOf({ id, failedAt, origin, record, code, message, replayedAt }: Letter): string[] {
  const from = origin === undefined ? '?' : `${origin.topic} ${origin.partition}:${origin.offset}`;
  const texts = [failedAt, from].map((text) => printable(text));
  const key = bytesText(record.key);
  return [id, ...texts, key, printable(code), printable(message, messageWidth), printable(replayedAt.at(-1) ?? 'no')];
}
