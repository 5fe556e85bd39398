import type { Check } from '@shop/shared/http/health';

export interface Rounds {
  /** Throws when no round has ended for so long that only a restart helps: a round has deadlines for all that it waits for. */
  readonly check: Check;
  /** Resolves when the round that runs has ended. */
  readonly stop: () => Promise<void>;
}

const stuckAfterMs = 120_000;

/** Calls `round` now and every `everyMs`; it must join a call that comes while it runs. A rejection is given to `fail`. */
export function startRounds(
  round: () => Promise<void>,
  { everyMs, fail }: { everyMs: number; fail: (error: Error) => void },
): Rounds {
  let endedAtMs = performance.now();
  let running = Promise.resolve();
  const tick = () => {
    running = round().then(() => {
      endedAtMs = performance.now();
    }, fail);
  };
  const timer = setInterval(tick, everyMs);
  tick();
  return {
    async check() {
      const sinceMs = performance.now() - endedAtMs;
      if (sinceMs > stuckAfterMs) throw new Error(`no round has ended for ${Math.round(sinceMs / 1000)} s`);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
