import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import type { OffsetsSample } from './kafka/offsets-sample.ts';
import type { TargetSample } from './law/observation.ts';
import { policyOf } from './law/policy.ts';
import { type ReconcilePorts, reconcileWith } from './reconcile.ts';
import type { DecisionRecord } from './reporting/record.ts';
import { decideAgain } from './reporting/record.ts';
import { scalerOf } from './round.fixture.ts';
import type { Round, Scaler } from './scaler.ts';

const roundMs = 5_000;
const rounds = 24;

/** A group that a single replica can't keep up with: 40 messages per second are written, 10 are finished. */
function overload(round: number): OffsetsSample {
  const partitions = [0, 1, 2, 3].map((partition) => ({
    partition,
    low: 0,
    high: round * 50,
    committed: Math.round(round * 12.5),
  }));
  return { partitions, group: { state: 'Stable', members: 1 }, faults: [] };
}

interface Bench {
  readonly writes: number[];
  readonly told: Round[];
  readonly records: DecisionRecord[];
  readonly run: (rounds?: number) => Promise<void>;
}

function bench({
  sample = overload,
  ...changes
}: Partial<ReconcilePorts & Scaler> & { sample?: typeof overload } = {}): Bench {
  const [writes, told, records] = [[] as number[], [] as Round[], [] as DecisionRecord[]];
  let [round, desired] = [0, 1];
  const read = async (): Promise<TargetSample> => ({ desired, current: desired, ready: desired, rollingOut: false });
  const scaler: Scaler = {
    name: 'payments',
    group: 'g',
    topic: 't',
    policy: policyOf({ lagSeconds: 10, startFrom: 'earliest', assignor: 'round-robin' }),
    dryRun: false,
    target: {
      read,
      async scale(replicas) {
        writes.push(replicas);
        desired = replicas;
      },
    },
    ...changes,
  };
  const work = () =>
    Array.from({ length: desired }, (_, replica) => ({
      ...{ replica: `${replica}`, handled: round * 50, busySeconds: round * 5, concurrency: 1 },
    }));
  const reconcile = reconcileWith({
    scalers: async () => [scaler],
    readOffsets: async (wanted) => new Map(wanted.map(({ name }) => [name, sample(round)])),
    readWork: async () => ({ work: work() }),
    mayWrite: () => true,
    nowMs: () => 1_000_000 + round * roundMs,
    listeners: [(_, one) => told.push(one)],
    gone: () => {},
    record: (record) => records.push(JSON.parse(JSON.stringify(record))),
    log: createLog('test', { logLevel: 'silent' }),
    ...changes,
  });
  return {
    writes,
    told,
    records,
    async run(times = rounds) {
      for (let index = 0; index < times; index += 1) {
        await reconcile();
        round += 1;
      }
    },
  };
}

describe('a round', () => {
  it('asks for more replicas when one cannot keep up, and tells what it did', async () => {
    const { run, writes, told } = bench();
    await run();
    expect(writes[0]).toBeGreaterThan(1);
    expect(told).toHaveLength(rounds);
    expect(told.find(({ written }) => written !== undefined)).toMatchObject({ written: writes[0], faults: [] });
  });

  it('only tells what it would do in a dry run, where another process acts, and where somebody else is in charge', async () => {
    for (const [changes, withheld] of [
      [{ dryRun: true }, 'dry-run'],
      [{ conflict: () => 'somebody else is in charge' }, 'conflict'],
      [{ mayWrite: () => false }, 'not-leader'],
    ] as const) {
      const { run, writes, told } = bench(changes);
      await run();
      expect(writes).toEqual([]);
      expect(told.some((round) => round.withheld === withheld)).toBe(true);
    }
  });

  it('asks who else is in charge with the replicas that it just read', async () => {
    const found: unknown[] = [];
    const conflict = (one: unknown) => {
      found.push(one);
      return 'somebody else is in charge';
    };
    const { run, told } = bench({ conflict });
    await run();
    const { observation } = told.find(({ withheld }) => withheld === 'conflict') ?? {};
    expect(found[0]).toEqual({ replicas: 1, atMs: observation?.atMs });
  });

  it('holds when nothing could be read from Kafka, whatever it saw before', async () => {
    const { run, writes, told } = bench({ sample: () => ({ faults: ['topics: Kafka does not answer'] }) });
    await run();
    expect(writes).toEqual([]);
    expect(told.at(-1)).toMatchObject({
      decision: { action: 'hold' },
      observation: { target: { desired: 1 } },
      faults: ['topics: Kafka does not answer'],
    });
    expect(told.at(-1)?.observation.partitions).toBeUndefined();
  });

  it('says what could not be read of the consumers, and decides as without their metrics', async () => {
    const workFault = 'consumer metrics: 0 of 1 pages could be read: too late';
    const [unread, without] = [bench({ readWork: async () => ({ workFault }) }), bench({ readWork: async () => ({}) })];
    for (const { run } of [unread, without]) await run();
    expect(unread.told[0]).toMatchObject({ workFault, faults: [workFault] });
    expect(unread.told.map(({ decision }) => decision)).toEqual(without.told.map(({ decision }) => decision));
    expect(unread.told.map(({ observation }) => observation)).toEqual(
      without.told.map(({ observation }) => observation),
    );
    expect(unread.writes).not.toEqual([]);
  });

  it('believes no page that alone stands for several replicas, and says so after a minute', async () => {
    const work = [{ replica: 'http://10.96.0.7:3004/metrics', handled: 90, busySeconds: 3, concurrency: 1 }];
    const { run, told } = bench({ readWork: async () => ({ work }) });
    await run();
    const readyIn = ({ observation }: Round) => observation.target?.ready ?? 0;
    const [shared, own] = [told.filter((one) => readyIn(one) > 1), told.filter((one) => readyIn(one) === 1)];
    for (const { observation } of own) expect(observation.work).toEqual(work);
    for (const { observation } of shared) expect(observation.work).toBeUndefined();
    expect(shared.findIndex(({ workFault }) => workFault !== undefined)).toBeGreaterThan(60_000 / roundMs);
    expect(shared.at(-1)?.workFault).toContain(
      'http://10.96.0.7:3004/metrics, for 4 replicas: the Service must be headless',
    );
  });

  it('writes nothing while the target cannot be read', async () => {
    const fault = new DomainError('unavailable', { code: 'gone', detail: 'the supervisor is away' });
    const scale = async () => expect('a write').toBe('none');
    const { run, told } = bench({ target: { read: () => Promise.reject(fault), scale } });
    await run();
    expect(told.at(-1)).toMatchObject({ decision: { action: 'hold' }, faults: ['target: the supervisor is away'] });
  });

  it('says so when a write fails, and tries again in a later round', async () => {
    let attempts = 0;
    const target = {
      read: async () => ({ desired: 1, current: 1, ready: 1, rollingOut: false }),
      async scale() {
        attempts += 1;
        throw new DomainError('unavailable', { code: 'refused', detail: 'no' });
      },
    };
    const { run, told } = bench({ target });
    await run();
    expect(attempts).toBeGreaterThan(1);
    expect(told.find((round) => round.withheld !== undefined)).toMatchObject({
      withheld: 'unavailable',
      attempted: 4,
      faults: ['scaling: no'],
    });
  });

  const stale = () => new DomainError('stale', { code: 'http-409', detail: 'the object has been modified' });
  it.each([
    ['once more where only the version had changed', 1, [4, 4]],
    ['not again where somebody has changed the count', 2, [4]],
  ] as const)('writes %s since the reading', async (_, desiredAfter, writes) => {
    const asked: number[] = [];
    const target = {
      read: async () => ({ desired: asked.length === 0 ? 1 : desiredAfter, current: 1, ready: 1, rollingOut: false }),
      async scale(replicas: number) {
        asked.push(replicas);
        if (asked.length === 1) throw stale();
      },
    };
    const { run, told } = bench({ target });
    await run(1);
    for (let rounds = 0; rounds < 24 && asked.length === 0; rounds += 1) await run(1);
    expect(asked).toEqual(writes);
    expect(told.at(-1)?.written).toBe(writes.length === 2 ? 4 : undefined);
  });

  it('is joined by a call that comes while it runs', async () => {
    let reads = 0;
    const { run } = bench({
      readOffsets: async () => {
        reads += 1;
        return new Map();
      },
    });
    await Promise.all([run(1), run(1)]);
    expect(reads).toBe(1);
  });

  it('goes on with the others when one scaler fails', async () => {
    const told: string[] = [];
    const scaler = (name: string): Scaler => ({
      name,
      group: 'g',
      topic: 't',
      policy: policyOf({ lagSeconds: 10 }),
      dryRun: false,
      target: { read: async () => ({ desired: 1, current: 1, ready: 1, rollingOut: false }), scale: async () => {} },
    });
    const { run } = bench({
      scalers: async () => [scaler('bad'), scaler('good')],
      readWork: async ({ name }) => {
        if (name === 'bad') throw new TypeError('a fault of ours');
        return {};
      },
      listeners: [({ name }) => told.push(name)],
    });
    await run(2);
    expect(told).toEqual(['good', 'good']);
  });

  it('tells once that a scaler is gone, and begins anew with one of its name', async () => {
    const gone: string[] = [];
    const present = ['stays', 'goes'];
    const scaler = (name: string): Scaler => ({ ...scalerOf(name), policy: policyOf({ lagSeconds: 10 }) });
    const { run, records } = bench({
      scalers: async () => present.map(scaler),
      gone: (name) => gone.push(name),
    });
    await run(2);
    expect(gone).toEqual([]);
    present.pop();
    await run(2);
    expect(gone).toEqual(['goes']);
    present.push('goes');
    await run(1);
    expect(records.findLast((record) => record.scaler === 'goes')?.before.looks).toEqual([]);
    expect(records.findLast((record) => record.scaler === 'stays')?.before.looks).toHaveLength(4);
  });

  it('begins anew with one that was made anew under the same name, between two rounds', async () => {
    const gone: string[] = [];
    let uid = 'first';
    const { run, records } = bench({
      scalers: async () => [{ ...scalerOf('payments'), uid }],
      gone: (name) => gone.push(name),
    });
    await run(3);
    uid = 'second';
    await run(1);
    expect(gone).toEqual(['payments']);
    expect(records.at(-1)?.before.looks).toEqual([]);
  });

  it('writes nothing for one that may no longer be as it was read, and says why', async () => {
    const { run, writes, told } = bench({ outdated: 'autoscalers: HTTP 403' });
    await run();
    expect(writes).toEqual([]);
    expect(told.find(({ withheld }) => withheld === 'unavailable')?.faults).toEqual(['autoscalers: HTTP 403']);
  });

  it('takes no scaler for gone because it cannot be read', async () => {
    const gone: string[] = [];
    let isAway = false;
    const { run } = bench({
      scalers: async () => {
        if (isAway) throw new Error('the API server is away');
        return [scalerOf('payments')];
      },
      gone: (name) => gone.push(name),
    });
    await run(1);
    isAway = true;
    await expect(run(1)).rejects.toThrow('away');
    expect(gone).toEqual([]);
  });

  it('leaves a record from which the same is decided again', async () => {
    const { run, records } = bench();
    await run();
    expect(records).toHaveLength(rounds);
    for (const record of records) expect(decideAgain(record)).toEqual(record.decision);
  });
});
