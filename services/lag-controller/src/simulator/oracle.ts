import { priceOfComingDown } from '../law/scale-down.ts';
import type { Controller, ControllerKind } from './controllers.ts';
import { Course } from './course.ts';
import type { Measured } from './measures.ts';
import { run, warmReplicas } from './simulate.ts';
import type { World } from './world.ts';

const cellSeconds = 60;

/**
 * What could have been had with hindsight: a plan of replicas, minute by minute, made by trying plans out in the very same
 * run. It starts with a replica for each partition and takes away while that costs no violation that they would not have
 * had either. A local search: there may be cheaper plans (with steps between the minutes, or other counts than those that
 * lower a replica's share of the partitions), so it is a mark to be measured by and no bound.
 */
export const oracle: ControllerKind = {
  name: 'oracle',
  forRun: (world) => following(planOf(world), 'oracle'),
};

/** The same hindsight, where each coming down costs what the law holds it to cost: what not knowing the future costs, alone. */
export const calmOracle: ControllerKind = {
  name: 'oracle-calm',
  forRun: (world) => {
    const { rebalanceSeconds } = world.scenario;
    return following(
      calmed(planOf(world), (replicas) => priceOfComingDown(replicas, rebalanceSeconds)),
      'oracle-calm',
    );
  },
};

const plans = new WeakMap<World, number[]>();

function planOf(world: World): number[] {
  const plan = plans.get(world) ?? cheapestPlan(world);
  plans.set(world, plan);
  return plan;
}

interface Way {
  readonly replicas: number;
  readonly cost: number;
  readonly before?: Way;
}

/**
 * The cheapest plan with no fewer replicas than `plan` at any time, when coming down from so many costs `priceOf` of them, in
 * replica-seconds: a shortest way through the cells.
 */
export function calmed(plan: readonly number[], priceOf: (replicas: number) => number): number[] {
  const counts = [...new Set(plan)];
  let ways: readonly Way[] = [{ replicas: 0, cost: 0 }];
  for (const least of plan) {
    const here = ways;
    const next = (replicas: number): Way =>
      here
        .map((before) => {
          const price = replicas < before.replicas ? priceOf(before.replicas) : 0;
          return { replicas, before, cost: before.cost + replicas * cellSeconds + price };
        })
        .reduce((best, way) => (way.cost < best.cost ? way : best));
    ways = counts.filter((replicas) => replicas >= least).map(next);
  }
  const calm: number[] = [];
  let way: Way | undefined = ways.reduce((best, one) => (one.cost < best.cost ? one : best));
  for (; way?.before; way = way.before) calm.unshift(way.replicas);
  return calm;
}

function following(plan: readonly number[], name = 'oracle'): Controller {
  return {
    name,
    everySeconds: cellSeconds,
    decide: ({ atMs }) => plan[Math.floor(atMs / 1_000 / cellSeconds)],
  };
}

function cheapestPlan(world: World): number[] {
  const rungs = rungsOf(world.partitions);
  let plan = new Array<number>(Math.ceil(world.seconds / cellSeconds)).fill(world.partitions);
  const still: Controller = { ...following(plan), initialReplicas: world.partitions };
  let best: Measured = run(world, following(plan));
  const allowedSeconds = Math.max(best.violationSeconds, run(world, still).violationSeconds);
  for (const blockCells of [10, 4, 1]) {
    // Plans that are tried differ from here on only.
    const here = new Course(world, warmReplicas(world.scenario));
    for (let start = 0; start < plan.length; start += blockCells) {
      here.follow(following(plan), start * cellSeconds);
      for (;;) {
        const cheaper = lowered(plan, start, start + blockCells, rungs);
        const tried = here.fork();
        tried.follow(following(cheaper), world.seconds, allowedSeconds);
        const { violationSeconds, replicaSeconds } = tried.measured;
        if (violationSeconds > allowedSeconds || replicaSeconds >= best.replicaSeconds) break;
        plan = cheaper;
        best = tried.measured;
      }
    }
  }
  return plan;
}

function lowered(plan: readonly number[], from: number, to: number, rungs: readonly number[]): number[] {
  return plan.map((replicas, cell) =>
    cell >= from && cell < to ? (rungs.find((rung) => rung < replicas) ?? replicas) : replicas,
  );
}

/** The counts at which the most partitions a replica owns change, highest first. */
function rungsOf(partitions: number): number[] {
  const counts = Array.from({ length: partitions }, (_, index) => Math.ceil(partitions / (index + 1)));
  return [...new Set(counts)];
}
