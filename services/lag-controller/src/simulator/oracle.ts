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
  forRun: (world) => following(cheapestPlan(world)),
};

function following(plan: readonly number[]): Controller {
  return {
    name: 'oracle',
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
