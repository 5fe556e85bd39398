import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { DomainError } from '../errors.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import { createRegistry } from '../metrics.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { replayForHeader } from './dead-letter.ts';
import { Gate, Outage } from './gate.ts';
import type { Partition } from './generation.ts';
import { Processor } from './processor.ts';

interface Ports {
  readonly handle: () => Promise<'applied'>;
  readonly deadLetter: (letter: OutgoingRecord) => Promise<void>;
}

function bench({ handle = async () => 'applied' as const, deadLetter = async () => undefined }: Partial<Ports> = {}) {
  const ending = new AbortController();
  const { signal } = ending;
  const registry = createRegistry('test');
  const handled: string[] = [];
  const finished: bigint[] = [];
  const faults: Error[] = [];
  const gate = new Gate({
    backoff: { firstMs: 60_000, maxMs: 60_000 },
    random: () => 1,
    onClose: () => undefined,
    onOpen: () => undefined,
    startOther: () => false,
    signal,
  });
  const processor = new Processor({
    groupId: 'ours',
    topic: 'orders.created',
    async handle(message) {
      handled.push(message.offset);
      return handle();
    },
    deadLetter,
    translate: () => undefined,
    policy: { attempts: 1, pause: { firstMs: 1, maxMs: 1 } },
    metrics: consumerMetrics(registry),
    log: pino({ level: 'silent' }),
    onFinished: (_, { offset }) => finished.push(offset),
    onFault: (error) => faults.push(error),
  });
  const partition = { partition: 0, gate, signal } as Partition;
  const process = (offset: bigint, group: string | undefined) => {
    const headers = group === undefined ? {} : { [replayForHeader]: Buffer.from(group) };
    const record = { offset, key: null, value: null, headers, timestamp: new Date(0) };
    return processor.process(partition, record, (wait) => wait());
  };
  const outcomes = async () => (await registry.getSingleMetric('consumer_messages_total')?.get())?.values;
  return { end: () => ending.abort(), gate, handled, finished, faults, process, outcomes };
}

describe('Processor', () => {
  it('dead-letters where a message stands, when the letter with its contents is too large for Kafka', async () => {
    const letters: OutgoingRecord[] = [];
    const { process, finished, faults } = bench({
      handle: () => Promise.reject(new DomainError('invalid', { code: 'too-odd', detail: 'It is odd.' })),
      async deadLetter(letter) {
        letters.push(letter);
        if (letters.length === 1)
          throw new DomainError('unprocessable', { code: 'message-refused', detail: 'too large' });
      },
    });
    await process(7n, undefined);
    expect({ finished, faults }).toEqual({ finished: [7n], faults: [] });
    expect(letters).toHaveLength(2);
    expect(letters[1]).toMatchObject({
      ...{ key: null, value: null },
      headers: { '__dlq.errors.partition': '0', '__dlq.errors.offset': '7', 'dlq-contents-omitted': 'true' },
    });
  });

  it('finishes a replay for another group without handling it', async () => {
    const { process, handled, finished, faults, outcomes } = bench();
    await process(1n, 'theirs');
    expect({ handled, finished, faults }).toEqual({ handled: [], finished: [1n], faults: [] });
    expect(await outcomes()).toMatchObject([{ value: 1, labels: { outcome: 'not-for-us' } }]);
  });

  it.each(['ours', '', undefined])('handles a message that was replayed for %j', async (group) => {
    const { process, handled, finished } = bench();
    await process(1n, group);
    expect({ handled, finished }).toEqual({ handled: ['1'], finished: [1n] });
  });

  it('does not take a replay for another group for a sign that an outage is over', async () => {
    const { gate, process, finished, end } = bench();
    const waiting = gate.run(
      0n,
      () => Promise.reject(new Outage(new Error('down'), 0)),
      (wait) => wait(),
    );
    waiting.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.isOpen).toBe(false);
    await process(1n, 'theirs');
    expect(finished).toEqual([1n]);
    expect(gate.isOpen).toBe(false);
    end();
  });
});
