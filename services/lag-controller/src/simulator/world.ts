import { Queue } from './queue.ts';
import { poisson, randomFrom } from './random.ts';
import { partitionsAt, partsOf, rateAt, type Scenario, type ScenarioEvent } from './scenario.ts';

/** What a scenario and a seed determine, whoever scales the group. */
export interface World {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly seconds: number;
  /** The most partitions there ever are. */
  readonly partitions: number;
  /** By second: the partitions there are. */
  readonly partitionCount: Uint16Array;
  /** By second: the speed of a replica, as a factor; 0 while Kafka is away. */
  readonly speed: Float64Array;
  /** By second: messages that all replicas together may finish. */
  readonly downstream: Float64Array;
  /** By second: Kafka is away. */
  readonly away: Uint8Array;
  /** By partition and then by second: what had arrived by then. */
  readonly arrived: readonly Float64Array[];
  /** By partition and then by second: nothing can be consumed from it. */
  readonly blocked: readonly Uint8Array[];
  /** By partition and then by second: it has no leader. */
  readonly leaderless: readonly Uint8Array[];
  /** By partition and then by second: no number of replicas could keep its oldest message young enough. */
  readonly unfixable: readonly Uint8Array[];
  /** Partitions that hold a poison message at some time. */
  readonly poisoned: ReadonlySet<number>;
}

/** Plays the arrivals and the events of a scenario; the same arguments give the same world. */
export function worldOf(scenario: Scenario, seed: number): World {
  const seconds = Math.ceil(scenario.durationSeconds);
  const partitionCount = Uint16Array.from({ length: seconds + 1 }, (_, second) => partitionsAt(scenario, second));
  const partitions = partitionCount[seconds] ?? scenario.partitions;
  const perPartition = () => Array.from({ length: partitions }, () => new Uint8Array(seconds + 1));
  const world = {
    scenario,
    seed,
    seconds,
    partitions,
    partitionCount,
    speed: new Float64Array(seconds + 1).fill(1),
    downstream: new Float64Array(seconds + 1).fill(Number.POSITIVE_INFINITY),
    away: new Uint8Array(seconds + 1),
    arrived: arrivals(scenario, seed, seconds, partitionCount),
    blocked: perPartition(),
    leaderless: perPartition(),
    unfixable: perPartition(),
    poisoned: new Set<number>(),
  };
  for (const event of scenario.events ?? []) applyEvent(world, event);
  for (let partition = 0; partition < partitions; partition += 1) markUnfixable(world, partition);
  return world;
}

function arrivals(scenario: Scenario, seed: number, seconds: number, counts: Uint16Array): Float64Array[] {
  const random = randomFrom(seed);
  const most = counts[seconds] ?? scenario.partitions;
  const arrived = Array.from({ length: most }, () => new Float64Array(seconds + 1));
  let parts = partsOf(scenario, scenario.partitions);
  for (let second = 0; second < seconds; second += 1) {
    const count = counts[second] ?? parts.length;
    if (count !== parts.length) parts = partsOf(scenario, count);
    const rate = rateAt(scenario, second + 0.5);
    arrived.forEach((curve, partition) => {
      const come = poisson(rate * (parts[partition] ?? 0), random);
      curve[second + 1] = (curve[second] ?? 0) + come;
    });
  }
  return arrived;
}

type Writable = Pick<World, 'speed' | 'downstream' | 'away' | 'blocked' | 'leaderless'> & { poisoned: Set<number> };

function applyEvent(world: Writable, event: ScenarioEvent): void {
  // What happens at a moment happens to the members or to the controller, or is in the partition count.
  if (!('until' in event)) return;
  const from = Math.max(0, Math.floor(event.at));
  const until = Math.ceil(event.until);
  switch (event.kind) {
    case 'slow':
      for (let second = from; second < until; second += 1)
        world.speed[second] = (world.speed[second] ?? 1) * event.factor;
      break;
    case 'outage':
      world.speed.fill(0, from, until);
      world.away.fill(1, from, until);
      break;
    case 'downstream-cap':
      world.downstream.fill(event.messagesPerSecond, from, until);
      break;
    case 'poison':
      world.poisoned.add(event.partition);
      world.blocked[event.partition]?.fill(1, from, until);
      break;
    case 'unknown-partitions':
      for (const partition of event.partitions) {
        world.leaderless[partition]?.fill(1, from, until);
        world.blocked[partition]?.fill(1, from, until);
      }
  }
}

/** A replica for this partition alone, there all along: when even its oldest message is too old, nobody is to blame. */
function markUnfixable(world: World, partition: number): void {
  const { scenario, seconds, speed } = world;
  const arrived = world.arrived[partition] ?? new Float64Array(seconds + 1);
  const unfixable = world.unfixable[partition];
  const blocked = world.blocked[partition];
  if (!unfixable || !blocked) return;
  const alone = new Queue(arrived);
  for (let second = 0; second < seconds; second += 1) {
    const capacity = blocked[second] ? 0 : scenario.messagesPerSecondPerReplica * (speed[second] ?? 1);
    alone.consumed += Math.min(alone.waitingAt(second + 1), capacity);
    const ageSeconds = second + 1 - alone.oldestArrival(second + 1);
    const poison = world.poisoned.has(partition) && blocked[second] === 1;
    if (poison || ageSeconds > scenario.sloSeconds) unfixable[second] = 1;
  }
}
