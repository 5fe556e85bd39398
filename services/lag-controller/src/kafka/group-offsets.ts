import type { GroupSample } from '../law/observation.ts';
import type { Address, Brokers, ByPartition, Partitions } from './brokers.ts';
import { type KafkaResult, resultAt, resultFrom } from './result.ts';

export interface GroupRead {
  readonly state: KafkaResult<GroupSample>;
  /** By topic and partition, where the group goes on; `null` where it never committed. */
  readonly committed: KafkaResult<ByPartition<KafkaResult<number | null>>>;
}

/** By group: the partitions whose offsets are wanted. */
type Wanted = ReadonlyMap<string, Partitions>;

/** What is said by a broker that is not the group's coordinator any more, or not there. */
const moved = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'no-answer']);

/**
 * Reads states and committed offsets: two requests per coordinator, and one to find the coordinators of groups that are new
 * or have moved. A group that has moved since the last round is asked for once more at its new coordinator.
 */
export function groupReader(brokers: Brokers): (wanted: Wanted) => Promise<ReadonlyMap<string, GroupRead>> {
  const coordinators = new Map<string, Address>();

  const ask = async (wanted: Wanted): Promise<Map<string, GroupRead>> => {
    const strangers = [...wanted.keys()].filter((group) => !coordinators.has(group));
    const lost = await find(strangers);
    const found = [...wanted.keys()].filter((group) => coordinators.has(group));
    const shares = [...Map.groupBy(found, (group) => coordinators.get(group) as Address)];
    const reads = await Promise.all(
      shares.map(([coordinator, groups]) =>
        readFrom(brokers, coordinator, new Map(groups.map((group) => [group, wanted.get(group) ?? new Map()]))),
      ),
    );
    for (const [group, read] of reads.flat()) if (hasMoved(read)) coordinators.delete(group);
    return new Map([...lost, ...reads.flat()]);
  };

  /** @returns those whose coordinator is not known */
  const find = async (groups: readonly string[]): Promise<[string, GroupRead][]> => {
    if (groups.length === 0) return [];
    const found = await resultFrom(() => brokers.coordinators(groups));
    return groups.flatMap((group): [string, GroupRead][] => {
      const { value, error } = resultAt(found, group);
      if (error) return [[group, { state: { error }, committed: { error } }]];
      coordinators.set(group, value);
      return [];
    });
  };

  return async (wanted) => {
    for (const group of coordinators.keys()) if (!wanted.has(group)) coordinators.delete(group);
    const remembered = new Set(coordinators.keys());
    const reads = await ask(wanted);
    const again = [...wanted].filter(([group]) => remembered.has(group) && !coordinators.has(group));
    return again.length === 0 ? reads : new Map([...reads, ...(await ask(new Map(again)))]);
  };
}

function hasMoved({ state, committed }: GroupRead): boolean {
  return [state, committed].some(({ error }) => error !== undefined && moved.has(error.code));
}

async function readFrom(brokers: Brokers, coordinator: Address, wanted: Wanted): Promise<[string, GroupRead][]> {
  const groups = [...wanted.keys()];
  const withTopics = new Map([...wanted].filter(([, partitions]) => partitions.size > 0));
  const [states, offsets] = await Promise.all([
    resultFrom(() => brokers.groups(coordinator, groups)),
    resultFrom(async () => (withTopics.size > 0 ? await brokers.committed(coordinator, withTopics) : new Map())),
  ]);
  return groups.map((group) => [
    group,
    {
      state: resultAt(states, group),
      committed: withTopics.has(group) ? resultAt(offsets, group) : { value: new Map() },
    },
  ]);
}
