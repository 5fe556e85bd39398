import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import { readSettings } from '../../services/shared/src/env.ts';
import { connectKafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { type Figures, figuresOf, type Sample } from './figures.ts';
import { apartSeconds, type Load, lagSeconds, partitions, sentBy } from './loads.ts';
import { consumer } from './manifests.ts';
import type { Side } from './sides.ts';
import { applyAll, deleteAll, type Stage } from './stage.ts';
import { Seen, type Watching, watcher } from './watch.ts';

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
 * Plays one load to all sides, each with a topic, a group and a Deployment of its own, one side {@link apartSeconds} after the other:
 * consumers do nothing but wait, and starting them takes a processor each.
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
    const groups = names.map((name) => ({ name, seen: new Seen(partitions) }));
    const seen = groups.map((group) => group.seen);
    const told = narrator(load, seen, note);
    const stopped = new AbortController();
    const { signal } = stopped;
    const ends = await Promise.all(
      groups.map(async (group, index) => {
        // None is always the first, which has the machine for itself for a while.
        const place = (index + run - 1) % groups.length;
        await sleep(1_000 * apartSeconds * place, undefined, { signal });
        const startMs = performance.now();
        const now = () => (performance.now() - startMs) / 1_000;
        const look = watcher({ ...group, namespace: stage.access.namespace, admin, now });
        const sending = send(load, { ...group, now, producer, signal });
        const [lateSeconds, blindSeconds] = await Promise.all([sending, watch(load, { now, look, told, signal })]);
        return { lateSeconds, blindSeconds, atSeconds: now() };
      }),
    ).finally(() => stopped.abort());
    await after(names);
    await deleteAll(stage.access, scalers);
    await stage.access.kubectl(['delete', 'deployments', ...names, '-n', stage.access.namespace, timeout]);
    return {
      load,
      played: sides.map((side, index) => playedOf(load, side, seen[index] as Seen, ends[index]?.atSeconds ?? 0)),
      lateSeconds: Math.max(...ends.map(({ lateSeconds }) => lateSeconds)),
      blindSeconds: Math.max(...ends.map(({ blindSeconds }) => blindSeconds)),
    };
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

interface Sending extends Pick<Watching, 'now' | 'seen' | 'name'> {
  readonly producer: Producer;
  readonly signal: AbortSignal;
}

/** In turn to each partition. @returns how late the latest were */
async function send(load: Load, { now, seen, name, producer, signal }: Sending): Promise<number> {
  let sent = 0;
  let lateSeconds = 0;
  for (const [slice, due] of sentBy(load).entries()) {
    const dueAt = (slice * sliceMs) / 1_000;
    await sleep(Math.max(0, 1_000 * (dueAt - now())), undefined, { signal });
    lateSeconds = Math.max(lateSeconds, now() - dueAt);
    const chosen = Array.from({ length: due - sent }, (_, index) => (sent + index) % partitions);
    sent = due;
    for (const partition of chosen) seen.sentAt[partition]?.push(now());
    const messages = chosen.map((partition) => ({ topic: name, partition, value: Buffer.from('{}') }));
    if (messages.length > 0) await producer.send({ messages });
  }
  return lateSeconds;
}

interface Looking extends Pick<Watching, 'now'> {
  readonly look: () => Promise<void>;
  readonly told: () => void;
  readonly signal: AbortSignal;
}

/** Twice a second, or as often as it can. @returns the longest time between two looks */
async function watch(load: Load, { now, look, told, signal }: Looking): Promise<number> {
  let longestSeconds = 0;
  for (let at = 0; at < load.seconds; ) {
    await look();
    told();
    const dueAt = (Math.floor(now() / lookSeconds) + 1) * lookSeconds;
    await sleep(1_000 * (dueAt - now()), undefined, { signal });
    longestSeconds = Math.max(longestSeconds, now() - at);
    at = now();
  }
  return longestSeconds;
}

/** Tells where all sides are, now and then. */
function narrator(load: Load, seen: readonly Seen[], note: (text: string) => void): () => void {
  const seconds = load.seconds + apartSeconds * (seen.length - 1);
  const startMs = performance.now();
  let toldAt = 0;
  return () => {
    const at = (performance.now() - startMs) / 1_000;
    if (at < toldAt + noteSeconds) return;
    toldAt = at;
    const counts = seen.map(({ samples }) => `${samples.at(-1)?.desired ?? '–'} (${samples.at(-1)?.lag ?? '–'})`);
    note(`second ${Math.floor(at)} of ${seconds}, replicas (lag): ${counts.join(', ')}`);
  };
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
