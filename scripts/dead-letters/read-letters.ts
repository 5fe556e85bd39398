import { deadLetterTopic, ordersCreated, paymentsGroup } from '../../services/shared/src/contracts/topics.ts';
import { isDomainError } from '../../services/shared/src/errors.ts';
import { SetupError } from '../embedded/setup-error.ts';
import type { Tools } from '../kafka-cli/command-line.ts';
import { readAll } from '../kafka-cli/topic-reader.ts';
import { type Letter, lettersOf } from './letter.ts';

export const defaultTopic = deadLetterTopic(paymentsGroup, ordersCreated);
export const topicOption = { topic: { type: 'string', default: defaultTopic } } as const;

/** All letters of a dead-letter topic. @throws SetupError where there is no such topic, where not all of it came, or on Ctrl-C */
export async function readLetters({ kafka, admin, interruption }: Tools, topic: string): Promise<Letter[]> {
  const signal = interruption();
  try {
    const records = await readAll(kafka, admin, topic, signal);
    // A part of the topic would show letters as not replayed that are.
    if (!records)
      throw new SetupError(
        signal.aborted ? 'Interrupted: nothing was done.' : `Only a part of ${topic} could be read: run this again.`,
      );
    return lettersOf(records);
  } catch (error) {
    if (!isDomainError(error, 'not-found')) throw error;
    throw new SetupError(`Kafka has no topic ${JSON.stringify(topic)}: \`npm run kafka -- topics\` lists them.`);
  }
}

/** The letter with an id as `list` prints it. @throws SetupError where there is none */
export function findLetter(letters: readonly Letter[], id: string, topic: string): Letter {
  const found = letters.find((letter) => letter.id === id);
  if (found) return found;
  throw new SetupError(
    `There is no dead letter ${id} in ${topic}: \`npm run dlq -- list\` shows those that are there.`,
  );
}

/** @throws SetupError for what cannot be the id of a letter */
export function parseLetterId(word: string): string {
  const [, partition, offset] = /^(\d{1,9}):(\d{1,18})$/.exec(word) ?? [];
  if (partition === undefined || offset === undefined)
    throw new SetupError(`A dead letter is named PARTITION:OFFSET, for example 3:17, but not ${JSON.stringify(word)}.`);
  return `${Number(partition)}:${BigInt(offset)}`;
}
