import { newHistory } from './law/history.ts';
import type { Observation } from './law/observation.ts';
import { observe } from './law/observe.ts';
import { policyOf } from './law/policy.ts';
import { decide } from './law/scaling.ts';
import type { Round, Scaler } from './scaler.ts';

const policy = policyOf({ lagSeconds: 10, startFrom: 'earliest' });

/** A scaler whose target is never asked. */
export function scalerOf(name: string): Scaler {
  return {
    name,
    group: 'g',
    topic: 't',
    policy,
    dryRun: false,
    target: { read: () => Promise.reject(new Error('unused')), scale: async () => {} },
  };
}

/** The first round of a scaler that saw this; nothing, if nothing is given. */
export function roundOf(
  scaler: string,
  atMs: number,
  faults: readonly string[] = [],
  seen: Omit<Observation, 'atMs'> = {},
): Round {
  const observation = { atMs, ...seen };
  const history = observe(newHistory(), observation, policy);
  return { scaler, observation, decision: decide(history, policy, atMs), learned: {}, faults };
}
