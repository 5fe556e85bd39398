import type { Controller } from './controllers.ts';
import { Course } from './course.ts';
import type { Measured } from './measures.ts';
import { type Result, resultOf, warmReplicas } from './simulate.ts';
import type { World } from './world.ts';

/**
 * What `run` would say of each controller alone, in their order. Those that ask for the same are simulated once, until
 * they differ: settings of KEDA mostly stand at the same bound.
 */
export function runAll(world: World, controllers: readonly Controller[]): Result[] {
  const found = new Map<Controller, Measured>();
  for (const alike of alikeIn(controllers)) {
    const [one] = alike;
    follow(new Course(world, one?.initialReplicas ?? warmReplicas(world.scenario)), alike, world, found);
  }
  return controllers.map((controller) => resultOf(world, controller, found.get(controller) as Measured));
}

/** Those that look at the same seconds and begin with as many replicas. */
function alikeIn(controllers: readonly Controller[]): Controller[][] {
  const groups: Controller[][] = [];
  for (const one of controllers) {
    const group = groups.find(
      ([first]) =>
        first?.everySeconds === one.everySeconds &&
        first.looksAt === one.looksAt &&
        first.initialReplicas === one.initialReplicas,
    );
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

type Wish = number | undefined;

/** @param decided what all of them have asked for in this second already */
function follow(
  course: Course,
  controllers: Controller[],
  world: World,
  found: Map<Controller, Measured>,
  decided?: { readonly wish: Wish },
): void {
  let ahead = decided;
  let together = controllers;
  const leader: Controller = {
    ...(controllers[0] as Controller),
    restart: () => {
      if (!ahead) for (const one of together) one.restart?.();
    },
    decide: (observation) => {
      if (ahead) {
        const { wish } = ahead;
        ahead = undefined;
        return wish;
      }
      const [[wish, alike] = [undefined, together], ...others] = Map.groupBy(together, (one) =>
        one.decide(observation),
      );
      for (const [other, them] of others) follow(course.fork(), them, world, found, { wish: other });
      together = alike;
      return wish;
    },
  };
  course.follow(leader, world.seconds);
  for (const one of together) found.set(one, course.measured);
}
