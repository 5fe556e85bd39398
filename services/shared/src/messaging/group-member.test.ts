import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { ConsumerListener } from '../kafka/consumer-life.ts';
import { GroupMember } from './group-member.ts';

interface Life {
  readonly listener: ConsumerListener;
  readonly started: PromiseWithResolvers<void>;
  readonly calls: string[];
}

const named = (name: string, message = name, extra = {}) => Object.assign(new Error(message), { name, ...extra });

describe('GroupMember', () => {
  let lives: Life[];
  let events: string[];
  let fatal: Error[];
  let kafkaAnswers: boolean;
  let member: GroupMember;

  const life = (index: number): Life => lives[index] as Life;
  const joined = async (index: number) => {
    life(index).listener.joined([index]);
    life(index).started.resolve();
    await jest.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    [lives, events, fatal, kafkaAnswers] = [[], [], [], true];
    member = new GroupMember({
      open(_, listener) {
        const [calls, started] = [[] as string[], Promise.withResolvers<void>()];
        lives.push({ listener, started, calls });
        return {
          start: () => started.promise,
          commit: async (offsets) => void calls.push(`commit ${[...offsets]}`),
          pause: (partitions) => calls.push(`pause ${partitions}`),
          resume: (partitions) => calls.push(`resume ${partitions}`),
          seek: () => undefined,
          stop: async () => void calls.push('stop'),
          kill: () => calls.push('kill'),
        };
      },
      consumer: {
        groupId: 'group',
        topic: 'topic',
        sessionTimeoutMs: 10_000,
        maxBytesPerPartition: 1_000,
      },
      listener: {
        joined: (partitions) => events.push(`joined ${partitions}`),
        rebalancing: () => events.push('rebalancing'),
        lost: () => events.push('lost'),
        ready: async () => undefined,
        take: () => true,
      },
      async ping() {
        if (!kafkaAnswers) throw new Error('away');
      },
      onFatal: (error) => fatal.push(error),
      log: pino({ level: 'silent' }),
    });
    member.start();
  });
  afterEach(async () => {
    await Promise.all([member.stop(), jest.advanceTimersByTimeAsync(10_000)]);
    jest.useRealTimers();
  });

  it('opens another consumer when one has ended, and forgets the old one', async () => {
    await joined(0);
    life(0).listener.crashed(named('KafkaJSNumberOfRetriesExceeded'));
    await jest.advanceTimersByTimeAsync(500);
    expect(lives).toHaveLength(2);
    expect(life(0).calls).toEqual(['resume 0', 'stop', 'kill']);
    life(0).listener.joined([7]);
    life(0).listener.rebalancing();
    expect(life(0).listener.take({ partition: 0, from: 0n, next: 0n, records: [] })).toBe(false);
    await joined(1);
    expect(events).toEqual(['joined 0', 'lost', 'joined 1']);
    await member.commit(new Map([[1, 5n]]));
    expect(life(1).calls).toEqual(['resume 1', 'commit 1,5']);
    expect(fatal).toEqual([]);
  });

  it.each([
    ['Kafka is away', 'KafkaJSConnectionError'],
    ['its password is refused', 'KafkaJSSASLAuthenticationError'],
  ])('keeps trying while %s, with pauses that stay below two seconds', async (_case, name) => {
    kafkaAnswers = false;
    for (let attempt = 0; attempt < 10; attempt++) {
      for (const { started } of lives) started.reject(named(name));
      await jest.advanceTimersByTimeAsync(2_000);
    }
    expect(lives).toHaveLength(11);
    expect([fatal, member.hasJoined]).toEqual([[], false]);
  });

  it.each([
    ['a missing permission', named('KafkaJSProtocolError', 'no', { type: 'GROUP_AUTHORIZATION_FAILED' })],
    ['a codec that is missing', named('KafkaJSNonRetriableError', 'x', { cause: named('KafkaJSNotImplemented') })],
    ['a fault in the client', new TypeError('undefined is not a function')],
  ])('gives up at once on %s', async (_, error) => {
    life(0).started.reject(error);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(fatal).toEqual([error]);
    expect(member.fatal).toBe(error);
    expect(lives).toHaveLength(1);
  });

  it('gives up when Kafka answers, but the group has not heard of it for long', async () => {
    await joined(0);
    life(0).listener.heartbeat();
    await jest.advanceTimersByTimeAsync(47_500);
    expect(fatal).toEqual([]);
    await jest.advanceTimersByTimeAsync(2_500);
    expect(fatal.map(({ message }) => message)).toEqual([
      'Kafka answers, but the group has had no heartbeat from this consumer for 50000 ms',
    ]);
    await jest.advanceTimersByTimeAsync(100_000);
    expect(fatal).toHaveLength(1);
  });

  it('does not count the time in which it sent heartbeats, or in which Kafka was away', async () => {
    await joined(0);
    for (let second = 0; second < 200; second++) {
      life(0).listener.heartbeat();
      await jest.advanceTimersByTimeAsync(1_000);
    }
    for (let minute = 0; minute < 10; minute++) {
      kafkaAnswers = false;
      await jest.advanceTimersByTimeAsync(60_000);
      kafkaAnswers = true;
      await jest.advanceTimersByTimeAsync(20_000);
    }
    expect(fatal).toEqual([]);
  });

  it('waits for a topic that does not exist yet', async () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      for (const { started } of lives)
        started.reject(named('KafkaJSProtocolError', 'no', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }));
      await jest.advanceTimersByTimeAsync(5_000);
    }
    expect(fatal).toEqual([]);
  });

  it('leaves, and does not come back', async () => {
    await joined(0);
    await member.stop();
    expect(life(0).calls).toEqual(['resume 0', 'stop', 'kill']);
    life(0).listener.crashed(new Error('closed'));
    await jest.advanceTimersByTimeAsync(60_000);
    expect([lives.length, fatal.length, events]).toEqual([1, 0, ['joined 0']]);
    await expect(member.commit(new Map())).rejects.toThrow('the group is not joined');
  });
});
