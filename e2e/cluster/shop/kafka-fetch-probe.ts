/**
 * Runs in a pod, bundled: reads a topic by a bare fetch, and prints `done` or the reason why not. A member of a group would be
 * refused at its group already.
 */
import { Consumer } from '@platformatic/kafka';
import { readSettings } from '../../../services/shared/src/env.ts';
import { asError } from '../../../services/shared/src/errors.ts';
import { readSecurity } from '../../../services/shared/src/kafka/security.ts';
import { kafkaSettings } from '../../../services/shared/src/kafka/settings.ts';

const { TOPIC = '' } = process.env;
const settings = readSettings(kafkaSettings, process.env);

async function read(): Promise<void> {
  const { tls, sasl } = readSecurity(settings);
  const consumer = new Consumer({
    ...{ groupId: 'probe', clientId: 'probe', bootstrapBrokers: settings.kafkaBrokers, retries: 0 },
    ...(tls && { tls: tls() }),
    ...(sasl && { sasl: { ...sasl.user(), mechanism: sasl.mechanism.toUpperCase() as 'SCRAM-SHA-512' } }),
  });
  const topic = (await consumer.metadata({ topics: [TOPIC] })).topics.get(TOPIC);
  const leader = topic?.partitions[0]?.leader;
  if (topic === undefined || leader === undefined) throw new Error(`${TOPIC} is not to be seen`);
  const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset: 0n, lastFetchedEpoch: -1 };
  const partitions = [{ ...partition, partitionMaxBytes: 1_000 }];
  await consumer.fetch({ node: leader, maxWaitTime: 100, topics: [{ topicId: topic.id, partitions }] });
}

/** The client puts what the broker said into the errors below its own. */
function reasonsOf(thrown: unknown): string[] {
  const { message, cause, errors = [] } = asError(thrown) as Error & { errors?: unknown[] };
  return [message, ...[...errors, ...(cause === undefined ? [] : [cause])].flatMap(reasonsOf)];
}

const outcome = await read().then(
  () => 'done',
  (error: unknown) => reasonsOf(error).join(': '),
);
process.stdout.write(`${outcome}\n`);
process.exit();
