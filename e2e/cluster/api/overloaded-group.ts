/** A consumer group that one member cannot keep up with: five times as many messages are written as it can finish. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openTopic, type TopicFixture } from '../../../services/shared/src/messaging/topic.fixture.ts';

const partitions = 6;
const handlingMs = 100;
const writtenPerSecond = 50;

export interface OverloadedGroup {
  readonly fixture: TopicFixture;
  /** A LagScaler for it, of a Deployment of the same name unless another is named. */
  readonly lagScaler: (name: string, changes?: object, target?: string) => { metadata: object; spec: object };
  readonly close: () => Promise<void>;
}

export async function overloadGroup(brokers: string): Promise<OverloadedGroup> {
  const fixture = await openTopic(brokers, partitions);
  fixture.consume({
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
    fixture.produce(...words).catch(() => {});
  };
  const timer = setInterval(write, 200);
  return {
    fixture,
    lagScaler: (name, changes = {}, target = name) => ({
      apiVersion: 'lagscaler.io/v1alpha1',
      kind: 'LagScaler',
      metadata: { name },
      spec: {
        scaleTargetRef: { name: target },
        consumerGroup: fixture.groupId,
        topic: fixture.topic,
        objective: { lagSeconds: 10 },
        policy: { startFrom: 'earliest', assignor: 'round-robin' },
        ...changes,
      },
    }),
    async close() {
      clearInterval(timer);
      await fixture.close();
    },
  };
}
