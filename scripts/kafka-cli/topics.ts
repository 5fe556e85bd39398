import { command } from './command-line.ts';
import { table } from './table.ts';
import { allOffsets } from './topic-offsets.ts';

export const topics = command({
  help: `npm run kafka -- topics

Every topic with its partitions, its replication (copies of each partition) and how many messages are kept.`,
  options: {},
  words: [],
  plan:
    () =>
    async ({ admin, print }) => {
      const rows = (await allOffsets(admin)).map(({ topic: { topic, partitions }, offsets }) => {
        const messages = offsets.reduce((sum, { low, high }) => sum + (high - low), 0n);
        return [topic, partitions.length, partitions[0]?.replicas.length ?? 0, messages];
      });
      const headings = ['TOPIC', 'PARTITIONS', 'REPLICATION', 'MESSAGES'];
      print(rows.length === 0 ? 'There are no topics.' : table(headings, rows));
    },
});
