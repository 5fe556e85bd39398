import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { until } from '../../../../scripts/testing/until.ts';
import { DomainError } from '../errors.ts';
import { createRegistry } from '../metrics.ts';
import { consume } from './consume.ts';
import { both, keys, ModelKafka, perPartition, turns } from './model-kafka.fixture.ts';

const once = { firstMs: 1, maxMs: 1 };

type Step =
  | { do: 'fetch'; partition: number; count: number; late: boolean }
  | { do: 'finish'; which: number }
  | { do: 'rejoin'; partitions: number[]; ahead: number }
  | { do: 'late'; which: number }
  | { do: 'commits'; fail: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('fetch' as const),
        partition: fc.constantFrom(...both),
        count: fc.integer({ min: 1, max: 5 }),
        late: fc.boolean(),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(20) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('rejoin' as const),
        partitions: fc.subarray(both),
        ahead: fc.constantFrom(0, 0, 3),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('late' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('commits' as const), fail: fc.boolean() }) },
  ),
  { maxLength: 60 },
);

/** Plays the steps, then lets everything end, and answers what was seen. */
async function play(script: readonly Step[]) {
  const model = new ModelKafka();
  const running: { name: string; key: string; end: () => void }[] = [];
  const firsts = new Map<string, number[]>();
  let [overlaps, strays] = [0, 0];
  const fatal: Error[] = [];
  const consumption = consume({
    kafka: model.kafka,
    groupId: 'group',
    topic: 'topic',
    async handle({ key, partition, offset }) {
      const name = `${partition}:${offset}`;
      if (running.some((other) => other.key === key)) overlaps += 1;
      if (!model.assigned.includes(partition)) strays += 1;
      const known = firsts.get(String(key)) ?? [];
      if (!known.includes(Number(offset))) firsts.set(String(key), [...known, Number(offset)]);
      const done = Promise.withResolvers<void>();
      running.push({ name, key: String(key), end: done.resolve });
      await done.promise;
      model.finished.add(name);
      return 'applied';
    },
    deadLetter: async () => undefined,
    registry: createRegistry('test'),
    log: pino({ level: 'silent' }),
    onFatal: (error) => fatal.push(error),
    concurrency: 6,
    timing: { commitIntervalMs: 0 },
  });
  await turns();
  for (const step of script) {
    await apply(step, model, running);
    await turns();
  }
  model.commitFails = false;
  model.rejoin(both);
  const isDone = () => both.every((partition) => model.committed.get(partition) === BigInt(perPartition));
  for (let round = 0; round < 500 && !isDone(); round++) {
    for (const partition of both) await model.hand(model.fetch(partition, 5));
    for (const { end } of running.splice(0)) end();
    await turns(2);
    if (round % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await consumption.stop({ timeoutMs: 0 });
  return { done: isDone(), wrongCommits: model.wrongCommits, overlaps, strays, fatal, orders: [...firsts.values()] };
}

async function apply(step: Step, model: ModelKafka, running: { end: () => void }[]): Promise<void> {
  switch (step.do) {
    case 'fetch': {
      const fetch = model.fetch(step.partition, step.count);
      // kafkajs works on one batch of a partition at a time: while one is late, no other comes.
      if (model.late.some(({ partition }) => partition === step.partition)) return;
      if (step.late) model.late.push(fetch);
      else await model.hand(fetch);
      return;
    }
    case 'finish':
      running.splice(step.which % Math.max(running.length, 1), 1)[0]?.end();
      return;
    case 'rejoin':
      model.rejoin(step.partitions, step.ahead);
      return;
    case 'late': {
      const fetch = model.late.splice(step.which % Math.max(model.late.length, 1), 1)[0];
      if (fetch) await model.hand(fetch);
      return;
    }
    case 'commits':
      model.commitFails = step.fail;
  }
}

describe('consume, in a model of a group', () => {
  it('commits nothing unfinished, finishes everything and keeps every order, whatever rebalances and late batches do', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { orders, ...seen } = await play(script);
        expect(seen).toEqual({ done: true, wrongCommits: [], overlaps: 0, strays: 0, fatal: [] });
        for (const order of orders) expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { numRuns: 150 },
    );
  });

  it('goes on with the others while a dependency fails for some messages alone, and commits nothing past those', async () => {
    const names = both.flatMap((partition) => Array.from({ length: perPartition }, (_, i) => `${partition}:${i}`));
    const isBehind = (name: string, bad: string) =>
      name[0] === bad[0] &&
      Number(name.slice(2)) >= Number(bad.slice(2)) &&
      (+name.slice(2) - +bad.slice(2)) % keys === 0;
    await fc.assert(
      fc.asyncProperty(fc.subarray(names, { maxLength: 3 }), fc.integer({ min: 1, max: 5 }), async (bad, count) => {
        const model = new ModelKafka();
        let isMended = false;
        const consumption = consume({
          ...{ kafka: model.kafka, groupId: 'group', topic: 'topic', registry: createRegistry('test') },
          async handle({ partition, offset }) {
            const name = `${partition}:${offset}`;
            if (bad.includes(name) && !isMended)
              throw new DomainError('unavailable', { code: 'down', detail: 'Down.' });
            model.finished.add(name);
            return 'applied';
          },
          ...{ deadLetter: () => Promise.reject(new Error('dead-lettered')), onFatal: () => {} },
          ...{ log: pino({ level: 'silent' }), concurrency: 2 },
          timing: { ...{ commitIntervalMs: 0, outage: once }, attempts: { attempts: 2, pause: once } },
        });
        const reaches = (goal: () => boolean) =>
          until(
            'all that can be done is done',
            async () => {
              for (const partition of both) await model.hand(model.fetch(partition, count));
              return goal();
            },
            2_000,
          );
        await turns();
        const others = names.filter((name) => !bad.some((one) => isBehind(name, one)));
        await reaches(() => others.every((name) => model.finished.has(name)));
        expect(model.finished.size).toBe(others.length);
        isMended = true;
        await reaches(() => both.every((partition) => model.committed.get(partition) === BigInt(perPartition)));
        expect(model.wrongCommits).toEqual([]);
        await consumption.stop({ timeoutMs: 0 });
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('counts as a rebalance what it stood still for, but not the loss of Kafka', async () => {
    const model = new ModelKafka();
    const registry = createRegistry('test');
    const consumption = consume({
      ...{ kafka: model.kafka, groupId: 'group', topic: 'topic', registry, log: pino({ level: 'silent' }) },
      handle: async () => 'applied',
      deadLetter: async () => undefined,
      onFatal: () => {},
    });
    await turns();
    const counted = async () => /^consumer_rebalance_seconds_count\{.*\} (\d+)$/m.exec(await registry.metrics())?.[1];
    expect(await counted()).toBe('0');
    model.rejoin(both);
    expect(await counted()).toBe('1');
    await model.loseWhileRebalancing();
    expect(await counted()).toBe('1');
    await consumption.stop({ timeoutMs: 0 });
  });
});
