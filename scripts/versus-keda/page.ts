import { count } from '../kafka-cli/table.ts';
import { lagSeconds, messageMs, partitions } from './loads.ts';
import { kafkaVersion } from './manifests.ts';
import type { Origin, Recorded, RecordedLoad } from './recorded.ts';
import { cellsOf, headings, verdictLines } from './report.ts';

const method = `# Beside KEDA

\`npm run versus-keda -- --record\` plays three loads to the same consumers, scaled by the lag controller and by real KEDA with the HPA, in
whatever cluster KUBECONFIG names, and writes \`scripts/versus-keda/recorded.json\`; \`npm run generate\` makes this page and its picture of it.
The cluster needs KEDA and the image \`lag-controller:dev\` (\`--tag\` names another, and \`IMAGES\` builds it, as for \`npm run up\`).

- **The consumers** are one program on \`services/shared\`, which waits ${messageMs} ms for each message, one at a time. A topic has ${partitions} partitions.
  Each side has a topic, a group and a Deployment of its own on the same node and broker, and gets the same messages at the same times of
  its load, which begins some time after that of the side before: consumers that wait do not compute, but those that start do, and forty at
  once would tell more of the machine than of who asked for them.
- **The lag controller** is installed by its chart; its LagScaler names the group, the topic and an objective of ${lagSeconds} s, since hours are minutes
  here, and everything else is left at its default. It begins each load knowing nothing of the consumers.
- **KEDA** gets the same bounds (1 to ${partitions}). Its sweep is of \`lagThreshold\` over what a replica can do in the objective, a half and a quarter of it, with
  \`pollingInterval\` 5 and a scale-down window of 60 s. *KEDA's best* is, for each load anew, the setting that drained soonest
  in the median of the runs.
- **The limit** is a group that has all ${partitions} replicas from before the load to its end: no scaler drains sooner, however early it asks.
- **Measured** from outside, twice a second and alike for all: the count that the scale subresource asks for, the members of the group, the
  committed offsets. The age of a message is taken when its commit is seen. *Drain* is the longest stretch in which the oldest message was
  older than a third of the objective; *replica-seconds* are of the count asked for, over the whole load of 400 s; two rebalances between two looks
  count as one.
- **Runs**: \`--runs N\` plays each load N times, the loads in turn and with another side first each time. Figures are medians then, with the
  least and the most in brackets, and what is compared is the median of the ratios of each run. \`--rounds FOLDER\` keeps what the
  controller saw and decided.

`;

/** `docs/versus-keda.md`, from what was recorded. */
export function versusPage(recorded: Recorded | undefined): string {
  if (!recorded) return `${method}Nothing is recorded yet.\n`;
  return [
    `${method}${originText(recorded)}\n`,
    '![Lag and replicas under each load, one above the other](versus-keda.svg)\n',
    'Of several runs of a load the middle one is drawn, by the time in which the lag controller drained.\n',
    ...recorded.loads.map(section),
  ].join('\n');
}

function originText({ machine, measuredAt, kubernetes, keda }: Origin): string {
  return `Recorded on ${measuredAt.slice(0, 10)}: KEDA ${keda}, Kubernetes ${kubernetes}, Kafka ${kafkaVersion}, all on one node of ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB.`;
}

function section({ load, about, sides, apartSeconds, lateSeconds, blindSeconds, origin }: RecordedLoad): string {
  const apart = apartSeconds === 0 ? 'all sides at once' : `each side ${apartSeconds} s after another`;
  const rows = [headings, headings.map((_, column) => (column === 0 ? '---' : '--:')), ...sides.map(cellsOf)];
  return [
    `## ${load}\n`,
    ...(origin ? [`${originText(origin)}\n`] : []),
    `${about}. ${count(sides[0]?.runs.length ?? 0, 'run')}, ${apart}. Messages were sent at most ${lateSeconds.toFixed(1)} s late, and two looks were at most ${blindSeconds.toFixed(1)} s apart.\n`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    ...verdictLines(sides).map((line) => `- ${line}`),
    '',
  ].join('\n');
}
