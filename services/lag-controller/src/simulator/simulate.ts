import { heaviestLoad } from '../assignment.ts';
import type { Observation } from '../observation.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { type Measured, Measures } from './measures.ts';
import { partsOf, rateAt, type Scenario } from './scenario.ts';
import { type World, worldOf } from './world.ts';

/** Something that scales, for the length of one run. */
export interface Controller {
  readonly name: string;
  /** A whole number: how often it looks. */
  readonly everySeconds: number;
  /** @returns the replicas to ask for; `undefined` leaves them as they are */
  readonly decide: (observation: Observation) => number | undefined;
  /** Forgets all that it has seen and learned, as a new process has. */
  readonly restart?: () => void;
  /** Replicas there are from the beginning; absent: `warmReplicas`. */
  readonly initialReplicas?: number;
}

export interface Result extends Measured {
  readonly controller: string;
  readonly scenario: string;
  readonly seed: number;
}

/** The least replicas of which none has more than 90 % to do at the rate the scenario begins with. */
export function warmReplicas(scenario: Scenario): number {
  const rate = rateAt(scenario, 0);
  const loads = partsOf(scenario, scenario.partitions).map((part) => part * rate);
  const fits = (replicas: number) =>
    heaviestLoad(loads, replicas, 'round-robin') <= 0.9 * scenario.messagesPerSecondPerReplica;
  for (let replicas = 1; replicas < scenario.partitions; replicas += 1) if (fits(replicas)) return replicas;
  return scenario.partitions;
}

/** Runs a controller through a scenario. A controller keeps what it learned: give each run a new one. */
export function simulate(scenario: Scenario, seed: number, controller: Controller): Result {
  return run(worldOf(scenario, seed), controller);
}

/** As `simulate`, in a world that was made before: worlds may be shared by runs. */
export function run(world: World, controller: Controller): Result {
  const group = new ConsumerGroup(world, controller.initialReplicas ?? warmReplicas(world.scenario));
  const measures = new Measures(world);
  const restarts = (world.scenario.events ?? []).filter(({ kind }) => kind === 'controller-restart');
  for (let second = 0; second < world.seconds; second += 1) {
    if (restarts.some(({ at }) => Math.floor(at) === second)) controller.restart?.();
    if (second % controller.everySeconds === 0) scale(group, controller.decide(group.observe(second)), second);
    group.step(second);
    measures.note(group, second);
  }
  return { controller: controller.name, scenario: world.scenario.name, seed: world.seed, ...measures.result(group) };
}

function scale(group: ConsumerGroup, replicas: number | undefined, second: number): void {
  if (replicas === undefined || !Number.isFinite(replicas)) return;
  group.members.scale(Math.min(1_000, Math.max(1, Math.round(replicas))), second);
}
