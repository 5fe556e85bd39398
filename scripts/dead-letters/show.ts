import { command } from '../kafka-cli/command-line.ts';
import { bytesText, headerLines, printable, valueText } from '../kafka-cli/record-text.ts';
import { defaultTopic, findLetter, parseLetterId, readLetters, topicOption } from './read-letters.ts';

export const show = command({
  help: `npm run dlq -- show PARTITION:OFFSET [--topic T]

One dead letter: key, all headers and the value, as indented JSON or, where it is none, as text and hex.

  --topic T   the dead-letter topic (${defaultTopic})`,
  options: topicOption,
  words: ['PARTITION:OFFSET'],
  plan({ topic }, [word = '']) {
    const id = parseLetterId(word);
    return async (tools) => {
      const { record, replayedAt } = findLetter(await readLetters(tools, topic), id, topic);
      const lines = [
        `letter    ${id} in ${topic}`,
        `key       ${bytesText(record.key)}`,
        `replayed  ${printable(replayedAt.join(', ')) || 'no'}`,
        'headers',
        ...headerLines(record.headers).map((line) => `  ${line}`),
        'value',
        valueText(record.value),
      ];
      tools.print(lines.join('\n'));
    };
  },
});
