import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Broker from 'kafkajs/src/broker/index.js';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import Runner from 'kafkajs/src/consumer/runner.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { writing } from './kafkajs-repairs.ts';

/** The queue of one connection, with requests that were sent just now. */
function queueOf(requests: { requestTimeout: number }[]) {
  const timedOut: number[] = [];
  const connection = { isUp: true };
  const queue = Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, {
    enforceRequestTimeout: true,
    inflight: new Map(
      requests.map(({ requestTimeout }, id) => [
        id,
        { sentAt: Date.now(), requestTimeout, timeoutRequest: () => timedOut.push(id) },
      ]),
    ),
    isConnected: () => connection.isUp,
  });
  queue.scheduleRequestTimeoutCheck();
  return { connection, timedOut };
}

describe('the look for requests that were never answered', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('finds them within a second of their time, and no other', () => {
    const { timedOut } = queueOf([{ requestTimeout: 1_500 }, { requestTimeout: 10_000 }]);
    jest.advanceTimersByTime(1_500);
    expect(timedOut).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(timedOut).toEqual([0]);
  });

  it('is one timer a second, which ends with the connection', () => {
    const { connection } = queueOf([]);
    jest.advanceTimersToNextTimer(3);
    expect(performance.now()).toBe(3_000);
    connection.isUp = false;
    jest.advanceTimersToNextTimer();
    expect(jest.getTimerCount()).toBe(0);
  });
});

const empty = { partition: 0, messages: [], abortedTransactions: [], highWatermark: '0' };
const message = { ...empty, messages: [{ offset: '0' }] };

/** The group of a consumer whose broker gives these answers for its only partition, and then empty ones. */
function groupOf(answers: readonly (typeof empty | typeof message)[] = [], sessionTimeout = 30_000) {
  const waiting = [...answers];
  const waitsMs: number[] = [];
  const paused: number[] = [];
  const broker = {
    async fetch({ maxWaitTime }: { maxWaitTime: number }) {
      waitsMs.push(maxWaitTime);
      return { responses: [{ topicName: 't', partitions: [waiting.shift() ?? empty] }] };
    },
  };
  const partitions = [{ topic: 't', partitions: [0] }];
  const group = Object.assign(Object.create(ConsumerGroup.prototype) as ConsumerGroup, {
    maxWaitTime: 500,
    sessionTimeout,
    preferredReadReplicasPerTopicPartition: {},
    cluster: {
      refreshMetadataIfNecessary: async () => {},
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
      findBroker: async () => broker,
    },
    subscriptionState: {
      assigned: () => partitions,
      active: () => partitions,
      paused: () => [{ topic: 't', partitions: paused }],
      isPaused: () => false,
    },
    seekOffset: { pop: () => undefined, has: () => false },
    offsetManager: {
      resolveOffsets: async () => {},
      committedOffsets: () => ({ t: { 0: '0' } }),
      nextOffset: () => '0',
    },
  });
  const fetch = async (times: number) => {
    for (let count = 0; count < times; count += 1) {
      await group.fetch(1);
      jest.advanceTimersByTime(500);
    }
  };
  return { fetch, waitsMs, paused };
}

describe('a request for messages', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('may take two seconds where nothing has come for long, until something comes', async () => {
    const { fetch, waitsMs } = groupOf([...Array.from({ length: 25 }, () => empty), message]);
    await fetch(27);
    expect(waitsMs).toEqual([...Array.from({ length: 20 }, () => 500), ...Array.from({ length: 6 }, () => 2_000), 500]);
  });

  it('never takes so long that its consumer could be taken for gone', async () => {
    const { fetch, waitsMs } = groupOf([], 6_000);
    await fetch(21);
    expect(waitsMs.at(-1)).toBe(1_000);
  });

  it('may not take longer than usual while a partition is paused, which waits for its end to be resumed', async () => {
    const { fetch, waitsMs, paused } = groupOf();
    await fetch(25);
    paused.push(1);
    await fetch(25);
    paused.pop();
    await fetch(19);
    expect(waitsMs.slice(25)).toEqual(Array.from({ length: 44 }, () => 500));
  });
});

describe('a join that the new coordinator of a group cannot take yet', () => {
  it('is the end of the consumer, which would go on and commit to the coordinator before for ever', async () => {
    const loading = Object.assign(new Error('loading'), { type: 'GROUP_LOAD_IN_PROGRESS', retriable: true });
    const joinGroup = () => Promise.reject(loading);
    const group = Object.assign(Object.create(ConsumerGroup.prototype) as ConsumerGroup, {
      cluster: { findGroupCoordinator: async () => ({ joinGroup }) },
      assigners: [],
      topicsSubscribed: [],
      retrier: (attempt: (bail: (error: Error) => void) => Promise<void>) =>
        new Promise<void>((resolve, reject) => void attempt(reject).then(resolve, reject)),
    });
    await expect(group.joinAndSync()).rejects.toMatchObject({ type: 'GROUP_LOAD_IN_PROGRESS', retriable: false });
  });
});

describe('a commit that failed and is tried again', () => {
  /** Of each generation that was joined: its commits, of which the first one fails. */
  let commits: object[][];
  let group: ConsumerGroup;
  let runner: Runner;

  const join = () => {
    const ofGeneration: object[] = [];
    const isFirst = commits.push(ofGeneration) === 1;
    const offsetManager = {
      async commitOffsets(offsets: object) {
        if (ofGeneration.push(offsets) === 1 && isFirst)
          throw Object.assign(new Error('no answer'), { retriable: true });
      },
    };
    Object.assign(group, { offsetManager });
  };

  beforeEach(() => {
    commits = [];
    group = Object.create(ConsumerGroup.prototype) as ConsumerGroup;
    const logger = { namespace: () => logger, debug: () => undefined };
    runner = new Runner({ consumerGroup: group, logger, retry: { retries: 2, initialRetryTime: 1 } });
    runner.running = true;
    join();
  });

  it('is the same commit as long as the generation is', async () => {
    await runner.commitOffsets({});
    expect(commits).toEqual([[{}, {}]]);
  });

  it('is none in the next generation, where its partitions may be those of another member', async () => {
    const old = runner.commitOffsets({});
    join();
    await expect(old).rejects.toMatchObject({ retriable: false, cause: { type: 'ILLEGAL_GENERATION' } });
    await runner.commitOffsets({});
    expect(commits).toEqual([[{}], [{}]]);
  });
});

describe('a write to a broker', () => {
  const broker = Object.assign(Object.create(Broker.prototype) as Broker, {
    lookupRequest() {
      throw new Error('written');
    },
  });

  it('is not made where that is refused', async () => {
    const writes: Promise<unknown>[] = [];
    const beginWrite = () => {
      throw new Error('too late');
    };
    await expect(writing.run({ beginWrite, writes }, () => broker.produce({}))).rejects.toThrow('too late');
    expect(writes).toEqual([]);
  });

  it('can be waited for by who has begun it', async () => {
    const writes: Promise<unknown>[] = [];
    const produce = writing.run({ beginWrite: () => undefined, writes }, () => broker.produce({}));
    await expect(produce).rejects.toThrow('written');
    expect(await Promise.allSettled(writes)).toMatchObject([{ status: 'rejected' }]);
  });
});
