/** Runs in a pod, bundled: tries one thing on Kafka with the settings of its environment, and prints `done` or the reason why not. */
import { Consumer } from '@platformatic/kafka';
import { readSettings } from '../../../services/shared/src/env.ts';
import { reasonOf } from '../../../services/shared/src/errors.ts';
import { createLog } from '../../../services/shared/src/log.ts';
import { connectKafka } from '../../../services/shared/src/messaging/kafka.ts';
import { kafkaSettings, readSecurity } from '../../../services/shared/src/messaging/kafka-settings.ts';

const { ACTION, TOPIC = '', GROUP = '' } = process.env;
const log = createLog('probe', { logLevel: 'silent' });
const settings = readSettings(kafkaSettings, process.env);
const kafka = connectKafka(settings, { clientId: 'probe', log });

const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  async write() {
    const producer = kafka.producer({ timeoutMs: 10_000 });
    await producer.send([{ topic: TOPIC, key: 'probe', value: Buffer.from('{}'), headers: {} }]);
  },
  /** By a bare fetch: a member of a group is refused at the group already. */
  async read() {
    const { tls, sasl } = readSecurity(settings);
    const consumer = new Consumer({
      ...{ groupId: GROUP, clientId: 'probe', bootstrapBrokers: settings.kafkaBrokers, retries: 0 },
      ...(tls && { tls: { ...tls, ...(tls.ca && { ca: tls.ca }) } }),
      ...(sasl && { sasl: { ...sasl, mechanism: sasl.mechanism.toUpperCase() as 'SCRAM-SHA-512' } }),
    });
    const topic = (await consumer.metadata({ topics: [TOPIC] })).topics.get(TOPIC);
    const [leader] = topic?.partitions ?? [];
    if (!topic || !leader) throw new Error(`${TOPIC} is not to be seen`);
    const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset: 0n, lastFetchedEpoch: -1 };
    const partitions = [{ ...partition, partitionMaxBytes: 1_000 }];
    await consumer.fetch({ node: leader.leader, maxWaitTime: 100, topics: [{ topicId: topic.id, partitions }] });
  },
  describe: () => kafka.admin().describeGroup(GROUP),
};

const outcome = await (actions[ACTION ?? ''] as () => Promise<unknown>)().then(() => 'done', reasonOf);
process.stdout.write(`${outcome}\n`);
process.exit();
