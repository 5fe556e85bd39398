import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from '@platformatic/kafka';
import { connectBrokers } from '../../../services/lag-controller/src/kafka/connect.ts';
import { offsetsReader } from '../../../services/lag-controller/src/kafka/offsets.ts';
import { policyOf } from '../../../services/lag-controller/src/law/policy.ts';
import { reconcileWith } from '../../../services/lag-controller/src/reconcile.ts';
import type { RoundListener } from '../../../services/lag-controller/src/scaler.ts';
import { type Measured, Measures } from '../../../services/lag-controller/src/simulator/measures.ts';
import { Queue } from '../../../services/lag-controller/src/simulator/queue.ts';
import type { Scenario } from '../../../services/lag-controller/src/simulator/scenario.ts';
import { warmReplicas } from '../../../services/lag-controller/src/simulator/simulate.ts';
import { type World, worldOf } from '../../../services/lag-controller/src/simulator/world.ts';
import { readSettings } from '../../../services/shared/src/env.ts';
import { connectKafka } from '../../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../../services/shared/src/log.ts';
import { Consumers } from './consumers.ts';

export interface Played extends Measured {
  readonly startSeconds: number;
  readonly rebalanceSeconds: number;
  /** The latest that messages were sent, against the scenario. */
  readonly lateSeconds: number;
}

const roundSeconds = 5;
const slicesPerSecond = 10;
const quietMs = 3_000;
const joinTimeoutMs = 60_000;

/** Plays a scenario in real time on a real Kafka, with consumer processes that the law scales, and measures it as the simulator does. */
export async function play(
  scenario: Scenario,
  seed: number,
  { brokers, onSecond }: { brokers: string; onSecond: (second: number, replicas: number) => void },
): Promise<Played> {
  const log = createLog('play', { logLevel: 'silent' });
  const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: brokers });
  const kafka = connectKafka(settings, { clientId: 'play', log });
  const [topic, group] = [`real-${randomUUID()}`, `real-${randomUUID()}`];
  const admin = kafka.admin();
  await admin.createTopics([{ topic, partitions: scenario.partitions, replicationFactor: 1 }]);
  await admin.close();
  const faults: Error[] = [];
  const { messagesPerSecondPerReplica: messagesPerSecond } = scenario;
  const consumers = new Consumers({ brokers, group, topic, messagesPerSecond }, (error) => faults.push(error));
  const producer = new Producer({ clientId: 'play', bootstrapBrokers: brokers.split(',') });
  const reader = connectBrokers(settings, { clientId: 'play', log });
  const watchFaults: RoundListener = (_, round) => faults.push(...round.faults.map((fault) => new Error(fault)));
  const reconcile = reconcileWith({
    scalers: async () => [
      {
        ...{ name: scenario.name, group, topic, dryRun: false, target: consumers },
        policy: policyOf({ lagSeconds: scenario.sloSeconds, assignor: 'round-robin', startFrom: 'earliest' }),
      },
    ],
    readOffsets: offsetsReader(reader),
    readWork: async () => ({ work: consumers.work() }),
    mayWrite: () => true,
    nowMs: () => Date.now(),
    listeners: [watchFaults],
    gone: () => {},
    record: () => {},
    log,
  });
  try {
    await consumers.scale(warmReplicas(scenario));
    await joined(consumers, faults);
    const startMs = Date.now();
    const measured = await live(worldOf(scenario, seed), startMs, {
      ...{ consumers, faults, onSecond },
      look: () => void reconcile().catch((error) => faults.push(error)),
      send: (partitions) =>
        producer.send({ messages: partitions.map((partition) => ({ topic, partition, value: Buffer.from('{}') })) }),
    });
    return { ...measured, ...consumers.measured(startMs) };
  } finally {
    await consumers.stop();
    await Promise.allSettled([producer.close(), reader.close(), kafka.close()]);
  }
}

/** Waits until all have joined and no more rebalance came for a while. */
async function joined(consumers: Consumers, faults: readonly Error[]): Promise<void> {
  const deadlineMs = Date.now() + joinTimeoutMs;
  for (let rebalances = -1; ; rebalances = consumers.rebalances) {
    const { ready, desired } = await consumers.read();
    if (faults[0]) throw faults[0];
    if (ready === desired && rebalances === consumers.rebalances) return;
    if (Date.now() > deadlineMs) throw new Error(`Only ${ready} of ${desired} consumers have joined the group.`);
    await sleep(quietMs);
  }
}

interface Stage {
  readonly consumers: Consumers;
  readonly faults: readonly Error[];
  readonly onSecond: (second: number, replicas: number) => void;
  readonly look: () => void;
  /** One message to each of these partitions. */
  readonly send: (partitions: readonly number[]) => Promise<unknown>;
}

async function live(world: World, startMs: number, stage: Stage): Promise<Measured & { lateSeconds: number }> {
  const { consumers, faults } = stage;
  const before = consumers.rebalances;
  const group = {
    queues: world.arrived.map((curve) => new Queue(curve)),
    members: { replicas: consumers.count, rebalances: 0 },
  };
  const measures = new Measures(world);
  consumers.slowDown(slowSpans(world.scenario, startMs));
  let lateSeconds = 0;
  for (let second = 0; second < world.seconds; second += 1) {
    if (second % roundSeconds === 0) stage.look();
    for (let slice = 0; slice < slicesPerSecond; slice += 1) {
      const partitions = dueIn(world, second, slice);
      if (partitions.length > 0) await stage.send(partitions);
      const dueMs = startMs + 1_000 * second + (1_000 / slicesPerSecond) * (slice + 1);
      lateSeconds = Math.max(lateSeconds, (Date.now() - dueMs) / 1_000);
      await sleep(Math.max(0, dueMs - Date.now()));
    }
    group.queues.forEach((queue, partition) => {
      queue.consumed = consumers.finished(partition);
    });
    group.members = { replicas: consumers.count, rebalances: consumers.rebalances - before };
    measures.note(group, second);
    stage.onSecond(second, consumers.count);
    if (faults[0]) throw faults[0];
  }
  return { ...measures.result(group), lateSeconds };
}

/** The partitions that get a message in this tenth of a second, one for each message. */
function dueIn(world: World, second: number, slice: number): number[] {
  return world.arrived.flatMap((curve, partition) => {
    const [from = 0, to = 0] = [curve[second], curve[second + 1]];
    const by = (slices: number) => Math.floor(((to - from) * slices) / slicesPerSecond + 1e-9);
    return Array<number>(by(slice + 1) - by(slice)).fill(partition);
  });
}

function slowSpans({ events = [] }: Scenario, startMs: number) {
  return events.flatMap((event) =>
    event.kind === 'slow'
      ? [{ fromMs: startMs + 1_000 * event.at, untilMs: startMs + 1_000 * event.until, factor: event.factor }]
      : [],
  );
}
