/** Runs in a pod, bundled: tries one thing on Kafka with the settings of its environment, and prints `done` or the reason why not. */
import { readSettings } from '../../../services/shared/src/env.ts';
import { reasonOf } from '../../../services/shared/src/errors.ts';
import { connectKafka } from '../../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../../services/shared/src/log.ts';

const { ACTION, TOPIC = '', GROUP = '' } = process.env;
const log = createLog('probe', { logLevel: 'silent' });
const kafka = connectKafka(readSettings(kafkaSettings, process.env), { clientId: 'probe', log });

const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  async write() {
    const producer = kafka.producer({ timeoutMs: 10_000 });
    await producer.send([{ topic: TOPIC, key: 'probe', value: Buffer.from('{}'), headers: {} }]);
  },
  describe: () => kafka.admin().describeGroup(GROUP),
};

const outcome = await (actions[ACTION ?? ''] as () => Promise<unknown>)().then(() => 'done', reasonOf);
process.stdout.write(`${outcome}\n`);
process.exit();
