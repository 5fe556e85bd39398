import type { Result } from './recorded.ts';
import { cellsOf } from './report.ts';

const method = `# Performance

\`npm run bench -- --record\` measures everything below and writes it to \`scripts/bench/recorded.json\`, from which
\`npm run generate\` makes this page. \`npm run bench -- --only intake,payments\` measures a part, and \`--check\` fails where a ratio
has fallen below 0.85 of the recorded one, which is for the machine that recorded it: ratios
move with the machine too. On two cores of half the speed the code of that day and of 2026-11-30, in turn, gave alike 1.1 of a bare
insert, 1.55 of a dual write, 11 times a plain loop and 0.75 to 0.87 of the bare writes.

Every run has a Kafka and a database of its own. Each server under test is a process of its own, started as in production, logs
included, and so is the load generator. Sides that are compared take turns, round by round, on the same broker and database; a ratio is
taken within a round, and the median of the rounds is shown with the lowest and the highest.

- **Intake**: 32 connections that send the same order as soon as the last one was answered. *A bare insert* is Express with mongoose
  inserting the same document, without validation, logs or events. *A dual write* saves and then awaits the send; it
  loses the event of an order when it dies in between. Both are in \`scripts/bench/baseline\`.
- **Payments**: one replica with the default concurrency of 16. *A plain loop* is kafkajs' \`eachMessage\`; *the bare writes* are the insert
  and the update of a payment, with the same concurrency, without Kafka and without a provider. Ours counts until orders has the report.
- **Latency**: orders alone, then with payments beside it, at rates below what they can do. A reader of the topics takes the time from an order's \`createdAt\`
  until it has the event, so the times to read are in it too.
- **Growth**: four databases, filled before. *A sweep* is the query of a relay that finds nothing to send.
- **Size**: from the start of the process until \`/readyz\` says so; memory, and processor in six windows of twenty seconds that
  begin 45 s after the start, all services side by side.
- **Controller**: five lag controllers side by side, with 1, 10, 100 and 300 LagScalers, and with 300 and a
  [list of their targets](decisions/0011-targets-by-name-or-by-list.md). Each is of a topic with 24 partitions and a group of its own
  that has read all; ten share a topic. A tick is all that is done once in five seconds. Requests to Kafka are counted on the wire,
  those to Kubernetes by a stand-in for its API server, whose own cost is not measured.
- **Adapters**: producer and consumer on kafkajs and on \`@platformatic/kafka\`, in one process and in turn, with 30,000 records of the
  size of an order's event; see [the decision](decisions/0010-kafkajs-for-now.md).

On two cores, server, generator, broker and database share two processors: what is measured is the work that an order makes in all of
them together, not how fast one of them could be. A profile of every process is had with \`BENCH_PROFILES=FOLDER\`.

`;

/** `docs/performance.md`, from what was recorded. */
export function performancePage(recorded: readonly Result[]): string {
  return `${method}${recorded.length === 0 ? 'Nothing is recorded yet.\n' : recorded.map(sectionOf).join('\n')}`;
}

function sectionOf({ machine, measuredAt, figures }: Result): string {
  const { cores, memoryGiB, processor, node, kafka, database } = machine;
  const rows = figures.map((figure) => {
    const [, about, ...cells] = cellsOf(figure);
    return `| ${[about, ...cells].join(' | ')} |`;
  });
  const where = `Recorded on ${measuredAt.slice(0, 10)}: ${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}, Kafka ${kafka}, ${database} as the database.`;
  return `${where}\n\n| | median | lowest – highest | to reach |\n| --- | --: | --- | --- |\n${rows.join('\n')}\n`;
}
