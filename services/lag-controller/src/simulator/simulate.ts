import { ownersOf, sums } from '../law/assignment.ts';
import type { Controller } from './controllers.ts';
import { Course } from './course.ts';
import type { Measured } from './measures.ts';
import { partsOf, rateAt, type Scenario } from './scenario.ts';
import type { World } from './world.ts';

export interface Result extends Measured {
  readonly controller: string;
  readonly scenario: string;
  readonly seed: number;
}

/** The least replicas of which none has more than 90 % to do at the rate the scenario begins with. */
export function warmReplicas(scenario: Scenario): number {
  const rate = rateAt(scenario, 0);
  const loads = partsOf(scenario, scenario.partitions).map((part) => part * rate);
  const fits = (replicas: number) => {
    const each = sums(loads, ownersOf(loads, replicas, 'round-robin'), replicas);
    return Math.max(...each) <= 0.9 * scenario.messagesPerSecondPerReplica;
  };
  for (let replicas = 1; replicas < scenario.partitions; replicas += 1) if (fits(replicas)) return replicas;
  return scenario.partitions;
}

/** Runs a controller through a world, which runs may share. A controller keeps what it learned: give each run a new one. */
export function run(world: World, controller: Controller): Result {
  const course = new Course(world, controller.initialReplicas ?? warmReplicas(world.scenario));
  course.follow(controller, world.seconds);
  return resultOf(world, controller, course.measured);
}

export function resultOf({ scenario, seed }: World, { name }: Controller, measured: Measured): Result {
  return { controller: name, scenario: scenario.name, seed, ...measured };
}
