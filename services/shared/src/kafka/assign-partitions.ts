export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Topic → partitions of one member. */
export type Share = Record<string, number[]>;

/**
 * Deals the partitions of each topic in turn to those members that subscribed to it, in the order of their ids. Every
 * member gets a share, an empty one where there is nothing for it.
 *
 * Members of one group may subscribe to different topics: a service that reads two has a member for each.
 */
export function assignPartitions(
  subscribers: readonly Subscriber[],
  partitionsOf: (topic: string) => readonly number[],
): Map<string, Share> {
  const members = [...subscribers].sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const shares = new Map<string, Share>(members.map(({ memberId }) => [memberId, {}]));
  for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
    const readers = members.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => shares.get(memberId));
    for (const [turn, partition] of partitionsOf(topic).entries()) {
      const share = readers[turn % readers.length] as Share;
      share[topic] = [...(share[topic] ?? []), partition];
    }
  }
  return shares;
}
