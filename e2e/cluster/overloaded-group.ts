/** A consumer group that one member cannot keep up with: five times as many messages are written as it can finish. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, openBench } from '../../services/shared/src/messaging/kafka-bench.ts';

const partitions = 6;
const handlingMs = 100;
const writtenPerSecond = 50;

export interface OverloadedGroup {
  readonly topic: string;
  readonly group: string;
  readonly bench: Bench;
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
    topic: bench.topic,
    group: bench.groupId,
    bench,
    async close() {
      clearInterval(timer);
      await bench.close();
    },
  };
}
