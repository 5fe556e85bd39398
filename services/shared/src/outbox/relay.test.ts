import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../../../scripts/testing/until.ts';
import { DomainError } from '../errors.ts';
import { createLog } from '../log.ts';
import { type MemoryOutbox, memoryOutbox } from './memory-outbox.ts';
import type { Entry, OutboxStore } from './outbox.ts';
import { type Deliver, type Parcel, Relay } from './relay.ts';

const log = createLog('test', { logLevel: 'silent' });
const metrics = { delivered: () => {}, published: () => {}, fenced: () => {}, failed: () => {} };
const leaseMs = 1_000;
const deliverTimeoutMs = 200;
const outage = () => new DomainError('unavailable', { code: 'down', detail: 'down' });

/** A world of one database, its documents' writers and a log of what reached the receiver. */
class World {
  nowMs = 1_700_000_000_000;
  readonly outbox: MemoryOutbox<Entry> = memoryOutbox();
  readonly received = new Map<string, number[]>();
  readonly #written = new Map<string, number>();

  readonly clock = () => new Date(this.nowMs);

  relay(owner: string, deliver: Deliver<Entry>, store: OutboxStore<Entry> = this.outbox, batchSize = 10): Relay<Entry> {
    const { clock } = this;
    return new Relay({
      ...{ store, deliver, owner, leaseMs, deliverTimeoutMs, sweepMs: 100, batchSize, clock, log, metrics },
    });
  }

  /** Adds the next entry of a document, leased to `relay` if it will have it. */
  write(id: string, relay?: Relay<Entry>): void {
    const seq = (this.#written.get(id) ?? 0) + 1;
    this.#written.set(id, seq);
    const claim = this.outbox.add(id, { seq }, this.clock(), relay?.terms());
    if (claim) relay?.written(claim);
  }

  receive({ id, entry }: Parcel<Entry>): void {
    this.received.set(id, [...(this.received.get(id) ?? []), entry.seq]);
  }

  readonly deliver: Deliver<Entry> = async (parcels) => {
    for (const parcel of parcels) this.receive(parcel);
    return parcels.map(() => 'sent' as const);
  };

  async drain(relay = this.relay('drain', this.deliver), everyMs = leaseMs): Promise<void> {
    for (let round = 0; round < 200 && (await this.outbox.backlog()).documents > 0; round += 1) {
      this.nowMs += everyMs;
      await relay.sweep();
      await relay.round();
      await relay.settleSent();
    }
  }

  expectAllReceivedInOrder(): void {
    for (const [id, last] of this.#written) {
      const seqs = this.received.get(id) ?? [];
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      expect([...new Set(seqs)]).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    }
  }
}

describe('the relay', () => {
  it('sends what its writer leased to it, without a claim of its own, and empties the outbox', async () => {
    const world = new World();
    const relay = world.relay('a', world.deliver);
    world.write('order', relay);
    await relay.round();
    await relay.settleSent();
    expect(world.received.get('order')).toEqual([1]);
    expect((await world.outbox.backlog()).documents).toBe(0);
  });

  it('sends the second entry of a document only when the first was removed', async () => {
    const world = new World();
    const relay = world.relay('a', world.deliver);
    world.write('order', relay);
    world.write('order', relay);
    await relay.round();
    await relay.round();
    expect(world.received.get('order')).toEqual([1]);
    await relay.settleSent();
    await relay.round();
    expect(world.received.get('order')).toEqual([1, 2]);
  });

  it('gives everything back when the receiver is down, so that any relay may go on', async () => {
    const world = new World();
    const relay = world.relay('a', () => Promise.reject(outage()));
    for (const id of ['a', 'b', 'c']) world.write(id, relay);
    await expect(relay.round()).rejects.toThrow('down');
    const other = world.relay('b', world.deliver);
    await other.sweep();
    await other.round();
    expect([...world.received.keys()].toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('leaves a document alone for as long as its receiver asked, while others go on', async () => {
    const world = new World();
    const deliver: Deliver<Entry> = async (parcels) =>
      parcels.map((parcel) => {
        if (parcel.id === 'bad' && world.nowMs < 1_700_000_005_000) return { retryAfterMs: 5_000 };
        world.receive(parcel);
        return 'sent';
      });
    const relay = world.relay('a', deliver);
    for (const id of ['bad', 'good']) world.write(id, relay);
    await relay.round();
    world.nowMs += 4_000;
    await relay.sweep();
    await relay.round();
    expect([...world.received.keys()]).toEqual(['good']);
    world.nowMs += 1_000;
    await relay.sweep();
    await relay.round();
    expect(world.received.get('bad')).toEqual([1]);
  });

  it('does not send under a lease that could run out while it sends', async () => {
    const world = new World();
    const relay = world.relay('a', world.deliver);
    world.write('order', relay);
    // Enough for one whose clock is as ours, not for one whose clock is 125 ms ahead.
    world.nowMs += leaseMs - deliverTimeoutMs - 124;
    await relay.round();
    expect(world.received.size).toBe(0);
    await world.drain();
    world.expectAllReceivedInOrder();
  });

  it('takes fewer at once while the database is too slow to settle them within the lease, and more again afterwards', async () => {
    const world = new World();
    const [documents, batchSize] = [40, 10];
    let settleMs = 150;
    const sizes: number[] = [];
    const store: OutboxStore<Entry> = {
      ...world.outbox,
      settle: async (claims) => {
        sizes.push(claims.length);
        world.nowMs += settleMs * claims.length;
        // Another relay, that gets no further either, takes what is free by then.
        const until = new Date(world.nowMs + leaseMs);
        const taken = await world.outbox.claimDue({ owner: 'other', until }, world.clock(), 100);
        const answer = await world.outbox.settle(claims);
        await world.outbox.release(taken, world.clock());
        return answer;
      },
    };
    const relay = world.relay('a', world.deliver, store, batchSize);
    const write = () => Array.from({ length: documents }, (_, index) => world.write(`order-${index}`));
    write();
    await world.drain(relay, 1);
    const sends = [...world.received.values()].flat().length;
    expect([world.received.size, sends - documents]).toEqual([documents, expect.any(Number)]);
    expect(sends - documents).toBeLessThanOrEqual(2 * batchSize);
    expect(Math.max(...sizes.slice(2))).toBeLessThan(batchSize);
    settleMs = 0;
    write();
    await world.drain(relay, 1);
    write();
    await world.drain(relay, 1);
    expect(sizes.at(-1)).toBe(batchSize);
    world.expectAllReceivedInOrder();
  });

  it('frees what it holds when it stops', async () => {
    const world = new World();
    const relay = world.relay('a', world.deliver);
    world.write('order', relay);
    await relay.stop();
    expect(
      await world.outbox.claimDue({ owner: 'b', until: new Date(world.nowMs + 1) }, world.clock(), 10),
    ).toHaveLength(1);
    expect(relay.terms()).toBeUndefined();
  });

  it.each([
    ['what was leased to it, and what it is nudged for, without a sweep that is due', 60_000, true],
    ['what its sweeps find', 20, false],
  ])('delivers by itself once started: %s', async (_, sweepMs, isNudged) => {
    const world = new World();
    const started = new Relay({
      ...{ store: world.outbox, deliver: world.deliver, owner: 'a', leaseMs: 60_000, deliverTimeoutMs, sweepMs },
      ...{ batchSize: 10, clock: () => new Date(), log, metrics },
    });
    const allSent = () => until('all is sent', async () => (await world.outbox.backlog()).documents === 0);
    started.start();
    world.nowMs = Date.now();
    world.write('leased', started);
    // The sweep that is due at the start is over then.
    await allSent();
    world.write('unleased');
    if (isNudged) started.written(undefined);
    await allSent();
    await started.stop();
    world.expectAllReceivedInOrder();
  });

  it('loses nothing and lets no entry overtake another, however relays interleave, fail and run out of time', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('write'), id: fc.nat(1), relay: fc.nat(2) }) },
      { weight: 9, arbitrary: fc.record({ do: fc.constantFrom('sweep', 'round', 'settle'), relay: fc.nat(2) }) },
      { weight: 12, arbitrary: fc.record({ do: fc.constant('tick') }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 1, max: 900 }) }) },
    );
    const failures = fc.infiniteStream(fc.constantFrom('none', 'none', 'none', 'before', 'after'));
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 60, maxLength: 200, size: 'max' }),
        failures,
        interleave,
      ),
      {
        numRuns: 1_500,
      },
    );
  });
});

type Step = { do: string; id?: number; relay?: number; ms?: number };

/** Every call of the store and every delivery is a step that the scheduler may put before or after any other. */
async function interleave(scheduler: fc.Scheduler, steps: Step[], failures: fc.Stream<string>): Promise<void> {
  const world = new World();
  const underWay: number[] = [];
  const scheduled =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve(), `${name} asked`);
      const result = await call(...args);
      await scheduler.schedule(Promise.resolve(), `${name} answered`);
      return result;
    };
  const store: OutboxStore<Entry> = {
    claimDue: scheduled('claim', world.outbox.claimDue),
    settle: scheduled('settle', world.outbox.settle),
    release: scheduled('release', world.outbox.release),
    backlog: world.outbox.backlog,
  };
  const deliver: Deliver<Entry> = async (parcels) => {
    const failure = failures.next().value;
    underWay.push(world.nowMs);
    const startedAt = world.nowMs;
    try {
      await scheduler.schedule(Promise.resolve(), 'deliver');
      if (failure === 'before') throw outage();
      for (const parcel of parcels) world.receive(parcel);
      await scheduler.schedule(Promise.resolve(), 'acknowledge');
      if (failure === 'after') throw outage();
      return parcels.map(() => 'sent' as const);
    } finally {
      underWay.splice(underWay.indexOf(startedAt), 1);
    }
  };
  const relays = ['a', 'b', 'c'].map((owner) => ({
    relay: world.relay(owner, deliver, store, 2),
    busy: new Set<string>(),
  }));

  const begin = (lane: string, busy: Set<string>, work: () => Promise<void>) => {
    if (busy.has(lane)) return;
    busy.add(lane);
    work().then(
      () => busy.delete(lane),
      () => busy.delete(lane),
    );
  };
  const acts: Record<string, (step: Step) => unknown> = {
    write: ({ id, relay }) => world.write(`order-${id}`, relays[relay as number]?.relay),
    sweep: ({ relay }) => act(relay, 'send', (chosen) => chosen.sweep()),
    round: ({ relay }) => act(relay, 'send', (chosen) => chosen.round()),
    settle: ({ relay }) => act(relay, 'settle', (chosen) => chosen.settleSent()),
    tick: () => (scheduler.count() > 0 ? scheduler.waitOne() : undefined),
    // Time never passes the limit that a delivery under way is trusted to keep.
    wait: ({ ms }) => {
      world.nowMs = Math.min(
        world.nowMs + (ms as number),
        ...underWay.map((startedAt) => startedAt + deliverTimeoutMs),
      );
    },
  };
  function act(index: number | undefined, lane: string, work: (relay: Relay<Entry>) => Promise<void>): void {
    const chosen = relays[index as number];
    if (chosen) begin(lane, chosen.busy, () => work(chosen.relay));
  }

  for (const step of steps) await acts[step.do]?.(step);
  await scheduler.waitAll();
  await world.drain();
  world.expectAllReceivedInOrder();
}
