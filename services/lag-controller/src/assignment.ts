/** kafkajs deals partitions out round robin, Java's range assignor in runs; an unknown deal is even in number at best. */
export type Assignor = 'round-robin' | 'range' | 'unknown';

/**
 * The load of the busiest of `members`, given the load of each partition (by partition number). With an unknown assignor:
 * the heaviest partitions, as many as one member gets at most, fall to the same one.
 */
export function heaviestLoad(loads: readonly number[], members: number, assignor: Assignor): number {
  if (assignor === 'unknown') {
    const perMember = Math.ceil(loads.length / members);
    return sum([...loads].sort((left, right) => right - left).slice(0, perMember));
  }
  return Math.max(0, ...shares(loads.length, members, assignor).map((share) => sum(share.map((p) => loads[p] ?? 0))));
}

/** Which partitions each member gets; members without any are there too. */
export function shares(partitions: number, members: number, assignor: Exclude<Assignor, 'unknown'>): number[][] {
  const dealt: number[][] = Array.from({ length: members }, () => []);
  for (let partition = 0; partition < partitions; partition += 1)
    dealt[ownerOf(partition, partitions, members, assignor)]?.push(partition);
  return dealt;
}

function ownerOf(partition: number, partitions: number, members: number, assignor: Assignor): number {
  if (assignor === 'round-robin') return partition % members;
  // Range: the first (partitions mod members) members get one more than the others.
  const short = Math.floor(partitions / members);
  const longOnes = partitions % members;
  const inLong = longOnes * (short + 1);
  return partition < inLong
    ? Math.floor(partition / (short + 1))
    : longOnes + Math.floor((partition - inLong) / Math.max(1, short));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
