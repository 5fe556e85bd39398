import { isDomainError } from '../../services/shared/src/errors.ts';
import type { Admin, PartitionOffsets, TopicDescription } from '../../services/shared/src/kafka/admin.ts';
import { SetupError } from '../embedded/setup-error.ts';

/** The offsets of a topic that a person named. @throws SetupError where Kafka has no such topic */
export async function topicOffsets(admin: Admin, topic: string, groupId?: string): Promise<PartitionOffsets[]> {
  try {
    return await admin.offsets(topic, groupId);
  } catch (error) {
    if (!isDomainError(error, 'not-found')) throw error;
    throw new SetupError(`Kafka has no topic ${JSON.stringify(topic)}: \`npm run kafka -- topics\` lists them.`);
  }
}

/** The offsets of every topic; one that is deleted meanwhile is left out. */
export async function allOffsets(admin: Admin, groupId?: string) {
  const all: { topic: TopicDescription; offsets: PartitionOffsets[] }[] = [];
  for (const topic of await admin.topics()) {
    try {
      all.push({ topic, offsets: await admin.offsets(topic.topic, groupId) });
    } catch (error) {
      if (!isDomainError(error, 'not-found')) throw error;
    }
  }
  return all;
}

/**
 * What a group still has to read of a partition; `undefined` when it never committed there, which is not the same as
 * 0: where it will start depends on its consumer.
 */
export function lagOf({ low, high, committed }: Omit<PartitionOffsets, 'partition'>): bigint | undefined {
  if (committed === undefined) return undefined;
  // What was deleted unread cannot be read any more; what is beyond the end is of a topic that was created anew.
  const next = committed > low ? committed : low;
  return high > next ? high - next : 0n;
}
