import type { Observation, PartitionSample } from '../law/observation.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { World } from './world.ts';

/** What somebody sees who asks now: committed offsets only, and nothing of Kafka while it is away. */
export function observationOf(
  world: World,
  { members, queues, committed }: ConsumerGroup,
  second: number,
): Observation {
  const { joined, alive, desired, replicas, standstills, isRollingOut } = members;
  const target = { desired, current: replicas, ready: alive.length, rollingOut: isRollingOut };
  const atMs = second * 1_000;
  const rebalances = standstills.over(second);
  if (world.away[second]) return { atMs, target };
  const partitions: PartitionSample[] = [];
  const count = world.partitionCount[second] ?? world.partitions;
  for (let partition = 0; partition < count; partition += 1) {
    const seen = { partition, committed: Math.floor(committed[partition] ?? 0) };
    const hasLeader = !world.leaderless[partition]?.[second];
    partitions.push(hasLeader ? { ...seen, high: queues[partition]?.arrivedBy(second) ?? 0, low: 0 } : seen);
  }
  return {
    atMs,
    partitions,
    group: { state: second < standstills.until ? 'PreparingRebalance' : 'Stable', members: joined.length },
    target,
    work: alive.map(({ name, handled, busySeconds }) => ({
      replica: name,
      handled: Math.floor(handled),
      busySeconds,
      concurrency: 1,
      rebalances,
    })),
  };
}
