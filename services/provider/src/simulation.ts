/** How the provider misbehaves: by configuration, at run time, and the same way again for the same seed. */
import { seededRandom } from '@shop/shared/seeded-random';
import { z } from 'zod';

export const operations = ['charge', 'refund', 'read'] as const;
export type Operation = (typeof operations)[number];

const milliseconds = z.number().int().min(0).max(600_000);

export const fault = z.strictObject({
  kind: z.enum(['timeout', 'slow', 'error-500', 'error-503', 'throttle-429', 'lost-answer']).meta({
    description:
      'timeout: never answers, does nothing; slow: does it `ms` later; error-500, error-503, throttle-429: answers so, does nothing; lost-answer: does it, then cuts the connection',
  }),
  rate: z.number().min(0).max(1).default(1).meta({ description: 'Share of the requests it strikes' }),
  remaining: z.number().int().min(0).optional().meta({ description: 'How often it will strike; for ever when absent' }),
  on: z
    .array(z.enum(operations))
    .min(1)
    .default([...operations]),
  ms: milliseconds.default(5_000).meta({ description: 'For slow' }),
  retryAfterSeconds: z.number().int().min(0).max(3_600).default(1).meta({ description: 'For error-503, throttle-429' }),
});

/** The whole of it, as `PUT /faults` takes it; what is absent is the default: no misbehaviour. */
export const behaviour = z.strictObject({
  latencyMs: milliseconds.default(0).meta({ description: 'Before every answer' }),
  jitterMs: milliseconds.default(0).meta({ description: 'At most this much more' }),
  declineRate: z.number().min(0).max(1).default(0),
  declineAboveCents: z.number().int().min(0).nullable().default(null),
  forgetKeys: z.boolean().default(false).meta({ description: 'Idempotency keys are ignored: a retry charges again' }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  faults: z.array(fault).max(20).default([]),
});

export type Fault = z.infer<typeof fault>;
export type Behaviour = z.infer<typeof behaviour>;

/** What happens to one request. */
export interface Fate {
  readonly delayMs: number;
  readonly fault: Fault | undefined;
}

export class Simulation {
  #behaviour: Behaviour;
  #random: () => number;

  constructor(initial: Behaviour) {
    this.#behaviour = initial;
    this.#random = seededRandom(initial.seed);
  }

  /** As it is now; `remaining` counts down. */
  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  /** Begins anew, from the seed on. */
  replace(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#random = seededRandom(behaviour.seed);
  }

  /** Decides about the next request; the first fault that strikes counts. */
  draw(operation: Operation): Fate {
    const { latencyMs, jitterMs, faults } = this.#behaviour;
    const jitter = Math.round(this.#random() * jitterMs);
    const struck = faults.find(({ on, rate, remaining }) => {
      const isPossible = on.includes(operation) && remaining !== 0;
      return isPossible && this.#random() < rate;
    });
    if (struck?.remaining !== undefined) this.#countDown(struck, struck.remaining);
    return { delayMs: latencyMs + jitter + (struck?.kind === 'slow' ? struck.ms : 0), fault: struck };
  }

  #countDown(struck: Fault, remaining: number): void {
    const faults = this.#behaviour.faults.map((each) =>
      each === struck ? { ...each, remaining: remaining - 1 } : each,
    );
    this.#behaviour = { ...this.#behaviour, faults };
  }
}
