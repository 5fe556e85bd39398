/** kafkajs deals partitions out round robin, Java's range assignor in runs; of an unknown one the worst even deal is assumed. */
export type Assignor = 'round-robin' | 'range' | 'unknown';

/** By partition: the member it falls to. `weights` tells which partitions are the heaviest, where the assignor is unknown. */
export function ownersOf(weights: readonly number[], members: number, assignor: Assignor): number[] {
  if (assignor === 'unknown') return heaviestTogether(weights, members);
  const owners: number[] = [];
  for (let partition = 0; partition < weights.length; partition += 1)
    owners.push(assignor === 'range' ? ownerByRange(partition, weights.length, members) : partition % members);
  return owners;
}

/** The partitions of each member; members without any are there too. */
export function shares(owners: readonly number[], members: number): number[][] {
  const dealt: number[][] = Array.from({ length: members }, () => []);
  for (const [partition, owner] of owners.entries()) dealt[owner]?.push(partition);
  return dealt;
}

/** What falls to each member, of what is given by partition. */
export function sums(values: readonly number[], owners: readonly number[], members: number): number[] {
  const byMember: number[] = new Array(members).fill(0);
  for (let partition = 0; partition < owners.length; partition += 1) {
    const owner = owners[partition] as number;
    byMember[owner] = (byMember[owner] as number) + (values[partition] ?? 0);
  }
  return byMember;
}

/** The first (partitions mod members) members get one more than the others. */
function ownerByRange(partition: number, partitions: number, members: number): number {
  const short = Math.floor(partitions / members);
  const longOnes = partitions % members;
  const inLong = longOnes * (short + 1);
  return partition < inLong
    ? Math.floor(partition / (short + 1))
    : longOnes + Math.floor((partition - inLong) / Math.max(1, short));
}

function heaviestTogether(weights: readonly number[], members: number): number[] {
  const each = Math.ceil(weights.length / members);
  const owners: number[] = new Array(weights.length);
  const order = weights.map((_, partition) => partition).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  order.forEach((partition, rank) => {
    owners[partition] = Math.floor(rank / each);
  });
  return owners;
}
