import { newHistory } from '../law/history.ts';
import type { Observation } from '../law/observation.ts';
import { observe } from '../law/observe.ts';
import { policyOf } from '../law/policy.ts';
import { decide } from '../law/scaling.ts';
import type { World } from './world.ts';

/** Something that scales, for the length of one run. */
export interface Controller {
  readonly name: string;
  /** A whole number: how often it looks. */
  readonly everySeconds: number;
  /** Of these seconds, those in which it does; absent: in all. */
  readonly looksAt?: (second: number) => boolean;
  /** @returns the replicas to ask for; `undefined` leaves them as they are */
  readonly decide: (observation: Observation) => number | undefined;
  /** Forgets what a new process does not know. */
  readonly restart?: () => void;
  /** Replicas there are from the beginning; absent: `warmReplicas`. */
  readonly initialReplicas?: number;
}

/** A way of scaling, from which each run gets a controller that has learned nothing yet. */
export interface ControllerKind {
  readonly name: string;
  readonly forRun: (world: World) => Controller;
}

/** Our law with its defaults; it is told the objective and the assignor, and nothing else about the scenario. */
export function lagController(name: string, sees: { readonly work: boolean }): ControllerKind {
  return {
    name,
    forRun: ({ scenario }) => {
      const policy = policyOf({ lagSeconds: scenario.sloSeconds, assignor: 'round-robin', startFrom: 'earliest' });
      let history = newHistory();
      return {
        name,
        everySeconds: 5,
        restart: () => {
          history = newHistory(history.learned);
        },
        decide: ({ work, ...offsets }) => {
          const seen = sees.work && work ? { ...offsets, work } : offsets;
          history = observe(history, seen, policy);
          return decide(history, policy, seen.atMs).replicas;
        },
      };
    },
  };
}

/** The same replicas all the time. */
export function fixed(replicas: number): ControllerKind {
  const name = `static-${replicas}`;
  return {
    name,
    forRun: () => ({ name, everySeconds: 60, initialReplicas: replicas, decide: () => replicas }),
  };
}
