import { ConsumerGroup } from './consumer-group.ts';
import type { Controller } from './controllers.ts';
import { type Measured, Measures } from './measures.ts';
import { observationOf } from './seen.ts';
import type { World } from './world.ts';

/** A group's way through a world, as far as it has come. */
export class Course {
  #second = 0;
  #group: ConsumerGroup;
  #measures: Measures;
  readonly #world: World;

  constructor(world: World, replicas: number) {
    this.#world = world;
    this.#group = new ConsumerGroup(world, replicas);
    this.#measures = new Measures(world);
  }

  /** The same way so far, which can go on in another way. */
  fork(): Course {
    const other = new Course(this.#world, 0);
    other.#second = this.#second;
    other.#group = this.#group.fork();
    other.#measures = this.#measures.fork();
    return other;
  }

  get measured(): Measured {
    return this.#measures.result(this.#group);
  }

  /** Goes on until then with this controller, or until it is later than the objective for longer than `mostViolationSeconds`. */
  follow(controller: Controller, until: number, mostViolationSeconds = Number.POSITIVE_INFINITY): void {
    const world = this.#world;
    const restarts = (world.scenario.events ?? []).filter(({ kind }) => kind === 'controller-restart');
    for (; this.#second < until && this.#measures.violationSeconds <= mostViolationSeconds; this.#second += 1) {
      const second = this.#second;
      if (restarts.some(({ at }) => Math.floor(at) === second)) controller.restart?.();
      if (second % controller.everySeconds === 0 && controller.looksAt?.(second) !== false)
        scale(this.#group, controller.decide(observationOf(world, this.#group, second)), second);
      this.#group.step(second);
      this.#measures.note(this.#group, second);
    }
  }
}

function scale(group: ConsumerGroup, replicas: number | undefined, second: number): void {
  if (replicas === undefined || !Number.isFinite(replicas)) return;
  group.members.scale(Math.min(1_000, Math.max(1, Math.round(replicas))), second);
}
