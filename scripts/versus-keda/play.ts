import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import { readSettings } from '../../services/shared/src/env.ts';
import { connectKafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { type Figures, figuresOf, type Sample } from './figures.ts';
import { type Load, lagSeconds, partitions, sentBy } from './loads.ts';
import { consumer } from './manifests.ts';
import type { Side } from './sides.ts';
import { applyAll, deleteAll, type Stage } from './stage.ts';
import { type Seen, type Watching, watcher } from './watch.ts';

/** One side under one load. */
export interface Played {
  readonly side: Side;
  readonly figures: Figures;
  readonly samples: readonly Sample[];
}

export interface PlayedLoad {
  readonly load: Load;
  readonly played: readonly Played[];
  /** The latest that messages were sent against the plan, and the longest time between two looks. */
  readonly lateSeconds: number;
  readonly blindSeconds: number;
}

interface Playing {
  readonly run: number;
  readonly image: string;
  readonly note: (text: string) => void;
  readonly after: (names: readonly string[]) => Promise<void>;
}

const lookSeconds = 0.5;
const noteSeconds = 5;
const sliceMs = 100;
const settledMs = 10_000;
const timeout = '--timeout=120s';

/** @param run from 1 on: each begins with a topic and a group that nobody knows */
export const groupName = (load: Load, run: number, side: Side) => `${load.name}-${run}-${side.name}`;

/**
 * Plays one load to all sides at the same time, each with a topic, a group and a Deployment of its own.
 *
 * @param note what is going on, in a line
 * @param after what is to be done before the consumers go, with the names of the groups
 * @throws where a side's consumers do not start, or Kafka or the API server do not answer
 */
export async function play(
  stage: Stage,
  load: Load,
  sides: readonly Side[],
  { run, image, note, after }: Playing,
): Promise<PlayedLoad> {
  const log = createLog('versus-keda', { logLevel: 'silent' });
  const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: stage.brokers });
  const kafka = connectKafka(settings, { clientId: 'versus-keda', log });
  const admin = kafka.admin();
  const producer = new Producer({ clientId: 'versus-keda', bootstrapBrokers: [stage.brokers] });
  try {
    const names = sides.map((side) => groupName(load, run, side));
    await admin.createTopics(names.map((topic) => ({ topic, partitions, replicationFactor: 1 })));
    const scalers = await start(stage, names, sides, { image, note });
    const sentAt = Array.from({ length: partitions }, (): number[] => []);
    const startMs = performance.now();
    const now = () => (performance.now() - startMs) / 1_000;
    const topics = new Map(names.map((name) => [name, name]));
    const { seen, look } = watcher({ namespace: stage.access.namespace, admin, topics, sentAt, now });
    const sending = send(load, { now, sentAt, topics: names, producer });
    const [lateSeconds, blindSeconds] = await Promise.all([sending, watch(load, { now, look, note, seen })]);
    await after(names);
    await deleteAll(stage.access, scalers);
    await stage.access.kubectl(['delete', 'deployments', ...names, '-n', stage.access.namespace, timeout]);
    const played = sides.map((side, index) => playedOf(load, side, seen[index] as Seen, now()));
    return { load, played, lateSeconds, blindSeconds };
  } finally {
    await Promise.allSettled([producer.close(), admin.close(), kafka.close()]);
  }
}

/** All consumers first, so that every scaler finds its group at rest. @returns the scalers */
async function start(
  { access, bootstrapServers }: Stage,
  names: readonly string[],
  sides: readonly Side[],
  { image, note }: Pick<Playing, 'image' | 'note'>,
): Promise<object[]> {
  const groups = names.map((name) => ({ name, topic: name, bootstrapServers }));
  note('the consumers start');
  await applyAll(
    access,
    groups.flatMap((group) => consumer(group, image)),
  );
  for (const { name } of groups)
    await access.kubectl(['rollout', 'status', `deployment/${name}`, '-n', access.namespace, timeout]);
  const scalers = sides.map((side, index) => side.scaler(groups[index] as (typeof groups)[number]));
  await applyAll(access, scalers);
  note('the scalers take over');
  await sleep(settledMs);
  return scalers;
}

interface Sending extends Pick<Watching, 'now'> {
  readonly sentAt: readonly number[][];
  readonly topics: readonly string[];
  readonly producer: Producer;
}

/** The same messages to every topic, in turn to each partition. @returns how late the latest were */
async function send(load: Load, { now, sentAt, topics, producer }: Sending): Promise<number> {
  let sent = 0;
  let lateSeconds = 0;
  for (const [slice, due] of sentBy(load).entries()) {
    const dueAt = (slice * sliceMs) / 1_000;
    await sleep(Math.max(0, 1_000 * (dueAt - now())));
    lateSeconds = Math.max(lateSeconds, now() - dueAt);
    const chosen = Array.from({ length: due - sent }, (_, index) => (sent + index) % partitions);
    sent = due;
    for (const partition of chosen) sentAt[partition]?.push(now());
    const messages = topics.flatMap((topic) =>
      chosen.map((partition) => ({ topic, partition, value: Buffer.from('{}') })),
    );
    if (messages.length > 0) await producer.send({ messages });
  }
  return lateSeconds;
}

interface Looking extends Pick<Watching, 'now'> {
  readonly look: () => Promise<void>;
  readonly note: (text: string) => void;
  readonly seen: readonly Seen[];
}

/** Twice a second, or as often as it can. @returns the longest time between two looks */
async function watch(load: Load, { now, look, note, seen }: Looking): Promise<number> {
  let longestSeconds = 0;
  for (let at = 0; at < load.seconds; ) {
    await look();
    const dueAt = (Math.floor(now() / lookSeconds) + 1) * lookSeconds;
    if (Math.floor(now() / noteSeconds) > Math.floor(at / noteSeconds)) {
      const counts = seen.map(({ samples }) => `${samples.at(-1)?.desired} (${samples.at(-1)?.lag})`);
      note(`second ${Math.floor(now())} of ${load.seconds}, replicas (lag): ${counts.join(', ')}`);
    }
    await sleep(1_000 * (dueAt - now()));
    longestSeconds = Math.max(longestSeconds, now() - at);
    at = now();
  }
  return longestSeconds;
}

function playedOf(load: Load, side: Side, { samples, backlog }: Seen, atSeconds: number): Played {
  const course = {
    samples,
    ages: backlog.ages(atSeconds),
    lagSeconds,
    partitions,
    backlogSecond: load.backlog?.second,
  };
  return { side, figures: figuresOf(course), samples };
}
