import { command } from './command-line.ts';
import { table } from './table.ts';

export const topics = command({
  help: `npm run kafka -- topics

Every topic with its partitions, its replication (copies of each partition) and how many messages are kept.`,
  options: {},
  words: [],
  plan: () => async (tools) => {
    const { admin, print } = tools;
    const rows = [];
    for (const { topic, partitions } of await admin.topics()) {
      const offsets = await admin.offsets(topic);
      const messages = offsets.reduce((sum, { low, high }) => sum + (high - low), 0n);
      rows.push([topic, partitions.length, partitions[0]?.replicas.length ?? 0, messages]);
    }
    print(rows.length === 0 ? 'There are no topics.' : table(['TOPIC', 'PARTITIONS', 'REPLICATION', 'MESSAGES'], rows));
  },
});
