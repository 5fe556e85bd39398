/** A consumer group that one member cannot keep up with: five times as many messages are written as it can finish. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, openBench } from '../../../services/shared/src/messaging/kafka-bench.ts';

const partitions = 6;
const handlingMs = 100;
const writtenPerSecond = 50;

export interface OverloadedGroup {
  readonly bench: Bench;
  /** A LagScaler for it, of a Deployment of the same name unless another is named. */
  readonly lagScaler: (name: string, changes?: object, target?: string) => { metadata: object; spec: object };
  readonly close: () => Promise<void>;
}

export async function overloadGroup(brokers: string): Promise<OverloadedGroup> {
  const bench = await openBench(brokers, partitions);
  bench.consume({
    concurrency: 1,
    async handle() {
      await sleep(handlingMs);
      return 'applied';
    },
  });
  let index = 0;
  const write = () => {
    const words = Array.from({ length: writtenPerSecond / 5 }, () => `k${index++}=v`);
    // An outage that the test makes is not a fault of the writer.
    bench.produce(...words).catch(() => {});
  };
  const timer = setInterval(write, 200);
  return {
    bench,
    lagScaler: (name, changes = {}, target = name) => ({
      apiVersion: 'lagscaler.io/v1alpha1',
      kind: 'LagScaler',
      metadata: { name },
      spec: {
        scaleTargetRef: { name: target },
        consumerGroup: bench.groupId,
        topic: bench.topic,
        objective: { lagSeconds: 10 },
        policy: { startFrom: 'earliest', assignor: 'round-robin' },
        ...changes,
      },
    }),
    async close() {
      clearInterval(timer);
      await bench.close();
    },
  };
}
