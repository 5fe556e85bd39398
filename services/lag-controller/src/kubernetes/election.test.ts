import { describe, expect, it, jest } from '@jest/globals';
import { ApiException, type V1Lease } from '@kubernetes/client-node';
import { createLog } from '@shop/shared/log';
import fc from 'fast-check';
import type { Api } from './api.ts';
import { type Clock, type Election, leaseTimes, startElection } from './election.ts';

jest.setTimeout(60_000);
const log = createLog('test', { logLevel: 'silent' });

/** Time that passes only when it is told to; who waits is woken in the order of the times waited for. */
class World {
  nowMs = 0;
  #waiting: { readonly atMs: number; readonly wake: () => void }[] = [];

  wait(ms: number): Promise<void> {
    return new Promise((wake) => this.#waiting.push({ atMs: this.nowMs + ms, wake }));
  }

  /** @param after called whenever something may have changed */
  async pass(ms: number, after: () => void): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      after();
      const next = this.#waiting.sort((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.nowMs = next.atMs;
      this.#waiting.shift();
      // The moment before it wakes is looked at too: nobody else has had a chance to notice the time.
      after();
      next.wake();
    }
    this.nowMs = endMs;
    after();
  }
}

let deleteLease = () => {};

/** Leases as an API server keeps them: a write that names another version than the present one is refused. */
function leasesIn(world: World) {
  let lease: V1Lease | undefined;
  deleteLease = () => {
    lease = undefined;
  };
  let version = 0;
  const store = (wanted: V1Lease) => {
    version += 1;
    lease = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: String(version) } };
    return lease;
  };
  const refuse = (code: number) => new ApiException(code, '', '{}', {});
  /** @param delayMs how long an answer, and the request before it, is under way at the time of the call */
  return (delayMs: () => number): Pick<Api, 'coordination'> => {
    const call = async <T>(act: () => T): Promise<T> => {
      await world.wait(delayMs());
      const answer = act();
      await world.wait(delayMs());
      return answer;
    };
    const coordination = {
      readNamespacedLease: () =>
        call(() => {
          if (lease === undefined) throw refuse(404);
          return lease;
        }),
      createNamespacedLease: ({ body }: { body: V1Lease }) =>
        call(() => {
          if (lease !== undefined) throw refuse(409);
          return store(body);
        }),
      replaceNamespacedLease: ({ body }: { body: V1Lease }) =>
        call(() => {
          if (body.metadata?.resourceVersion !== lease?.metadata?.resourceVersion) throw refuse(409);
          return store(body);
        }),
    };
    return { coordination: coordination as unknown as Api['coordination'] };
  };
}

interface Candidate {
  readonly election: Election;
  /** Its process stands still for so long, whatever it waits for; the clock goes on. */
  readonly freeze: (ms: number) => void;
  readonly slowDown: (delayMs: number) => void;
}

function candidatesIn(world: World, count: number): Candidate[] {
  const leases = leasesIn(world);
  return Array.from({ length: count }, (_, index) => {
    let frozenUntilMs = 0;
    let delayMs = 20;
    const thaw = async () => {
      while (world.nowMs < frozenUntilMs) await world.wait(frozenUntilMs - world.nowMs);
    };
    const clock: Clock = {
      nowMs: () => world.nowMs,
      wallMs: () => world.nowMs,
      async pause(ms, signal) {
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await Promise.race([world.wait(ms), aborted]);
        await thaw();
      },
    };
    const api = leases(() => Math.max(delayMs, frozenUntilMs - world.nowMs));
    const election = startElection({ api, namespace: 'n', name: 'l', identity: `candidate-${index}`, log, clock });
    return {
      election,
      freeze: (ms) => {
        frozenUntilMs = world.nowMs + ms;
      },
      slowDown: (ms) => {
        delayMs = ms;
      },
    };
  });
}

const leaders = (candidates: readonly Candidate[]) => candidates.filter(({ election }) => election.mayWrite());
const { leaseMs, retryMs } = leaseTimes;

describe('an election', () => {
  it('has never two writers, and soon one again, however processes freeze and answers are late', async () => {
    const trouble = fc.record({
      candidate: fc.nat(2),
      kind: fc.constantFrom('freeze' as const, 'slow' as const),
      ms: fc.integer({ min: 0, max: 20_000 }),
      thenPassMs: fc.integer({ min: 0, max: 20_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { maxLength: 12 }), async (troubles) => {
        const world = new World();
        const candidates = candidatesIn(world, 3);
        const atMostOne = () => {
          if (leaders(candidates).length > 1) throw new Error(`two writers at ${world.nowMs} ms`);
        };
        await world.pass(1_000, atMostOne);
        expect(leaders(candidates)).toHaveLength(1);
        for (const { candidate, kind, ms, thenPassMs } of troubles) {
          if (kind === 'freeze') candidates[candidate]?.freeze(ms);
          else candidates[candidate]?.slowDown(ms / 5);
          await world.pass(thenPassMs, atMostOne);
        }
        for (const one of candidates) one.slowDown(20);
        // The last freeze, the answers that are still under way, and a lease that has to run out.
        await world.pass(20_000 + 8_000 + leaseMs + 2 * retryMs, atMostOne);
        expect(leaders(candidates)).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  it('is over within 15 seconds when the writer dies, whenever that is and whenever the others look', async () => {
    const moment = fc.integer({ min: 0, max: 2 * retryMs });
    await fc.assert(
      fc.asyncProperty(moment, moment, async (phaseMs, deathMs) => {
        const world = new World();
        const candidates = candidatesIn(world, 2);
        await world.pass(1_000, () => {});
        const [leader] = leaders(candidates);
        for (const one of candidates) {
          one.slowDown(100);
          if (one !== leader) one.freeze(phaseMs);
        }
        await world.pass(10_000 + deathMs, () => {});
        leader?.freeze(1e9);
        await world.pass(15_000, () => {});
        expect(leaders(candidates).filter((one) => one !== leader)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('has one writer when somebody deletes the lease', async () => {
    const world = new World();
    const candidates = candidatesIn(world, 2);
    await world.pass(5_000, () => {});
    const [leader] = leaders(candidates);
    leader?.freeze(5_000);
    deleteLease();
    await world.pass(20_000, () => {
      if (leaders(candidates).length > 1) throw new Error(`two writers at ${world.nowMs} ms`);
    });
    expect(leaders(candidates)).toHaveLength(1);
  });

  it('is over at once when the writer gives the lease back', async () => {
    const world = new World();
    const candidates = candidatesIn(world, 2);
    await world.pass(1_000, () => {});
    const [leader] = leaders(candidates);
    const stopped = leader?.election.stop();
    await world.pass(2 * retryMs, () => {});
    await stopped;
    expect(leaders(candidates)).toHaveLength(1);
    expect(leaders(candidates)).not.toContain(leader);
  });
});
