// A consumer process as payments is one, whose work is to wait: `--against-real` starts it, once per replica.
import { setTimeout as sleep } from 'node:timers/promises';
import { workOf } from '../../../services/lag-controller/src/work.ts';
import { readSettings } from '../../../services/shared/src/env.ts';
import { connectKafka, type Kafka } from '../../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../../services/shared/src/log.ts';
import { consume } from '../../../services/shared/src/messaging/consume.ts';
import { createRegistry } from '../../../services/shared/src/metrics.ts';
import type { ConsumerNews, ConsumerOrders, SlowSpan } from './protocol.ts';

const tellEveryMs = 200;

const { brokers, group, topic, messagesPerSecond } = JSON.parse(process.argv[2] ?? '') as ConsumerOrders;
const log = createLog('consumer', { logLevel: 'silent' });
const registry = createRegistry('consumer');
const kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), { clientId: 'consumer', log });
const finished = new Map<number, number>();
let slow: readonly SlowSpan[] = [];

process.on('message', (spans) => {
  slow = spans as SlowSpan[];
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit(1));

const tell = (news: ConsumerNews) => process.connected && process.send?.(news);

function speedAt(nowMs: number): number {
  const span = slow.find(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs);
  return messagesPerSecond * (span?.factor ?? 1);
}

/** Timers are late by a millisecond or so: what one message took too long, the one right after it may take less. */
let slotMs = 0;
let idleSinceMs = 0;
async function work(): Promise<void> {
  const nowMs = Date.now();
  const isNextInLine = nowMs - idleSinceMs < 5;
  slotMs = (isNextInLine ? Math.max(slotMs, nowMs - 100) : nowMs) + 1_000 / speedAt(nowMs);
  await sleep(Math.max(0, slotMs - nowMs));
  idleSinceMs = Date.now();
}

let isNew = false;

/** The same, but it tells when its group is rebalanced. */
const telling: Kafka = {
  ...kafka,
  consumer: (options, listener) =>
    kafka.consumer(options, {
      ready: (partition) => listener.ready(partition),
      take: (fetch) => listener.take(fetch),
      heartbeat: () => listener.heartbeat(),
      crashed: (error) => listener.crashed(error),
      rebalancing() {
        tell({ kind: 'rebalancing', atMs: Date.now() });
        listener.rebalancing();
      },
      joined(partitions) {
        tell({ kind: 'joined', atMs: Date.now() });
        isNew = true;
        listener.joined(partitions);
      },
    }),
};

const consumption = consume({
  kafka: telling,
  groupId: group,
  topic,
  async handle({ partition, offset }) {
    if (isNew) tell({ kind: 'resumed', atMs: Date.now() });
    isNew = false;
    await work();
    finished.set(partition, Math.max(finished.get(partition) ?? 0, Number(offset) + 1));
    return 'applied';
  },
  deadLetter: () => Promise.reject(new Error('there is no dead letter here')),
  registry,
  log,
  onFatal: () => process.exit(1),
  concurrency: 1,
});

async function report(): Promise<void> {
  const work = workOf(await registry.metrics(), { group, topic }) ?? { handled: 0, busySeconds: 0, concurrency: 1 };
  tell({ kind: 'work', finished: [...finished], work });
}
const reports = setInterval(() => void report(), tellEveryMs);

process.once('SIGTERM', async () => {
  clearInterval(reports);
  await consumption.stop({ timeoutMs: 5_000 });
  await report();
  process.disconnect();
});
