import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { ReconnectingProducer } from './producer.ts';

const records = [{ topic: 't', key: 'k', value: 'v', headers: {} }];

describe('ReconnectingProducer', () => {
  /** One entry per producer that was opened: what it was asked. */
  let lives: string[][];
  let answer: (life: number) => Promise<void>;
  let connect: (life: number) => Promise<void>;
  let connectToLeaders: (life: number) => Promise<void>;
  let producer: ReconnectingProducer;
  let warnings: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    lives = [];
    warnings = [];
    answer = async () => undefined;
    connect = async () => undefined;
    connectToLeaders = async () => undefined;
    producer = begin();
  });
  afterEach(async () => {
    await producer.close();
    jest.useRealTimers();
  });

  const begin = () =>
    new ReconnectingProducer({
      open() {
        const calls: string[] = [];
        const number = lives.push(calls) - 1;
        return {
          connect: () => connect(number),
          async sendBatch(batch, beginWrite) {
            await connectToLeaders(number);
            beginWrite();
            calls.push(`send ${batch.length}`);
            await answer(number);
          },
          disconnect: async () => void calls.push('disconnect'),
          kill: () => calls.push('kill'),
        };
      },
      log: pino({ level: 'warn' }, { write: (line) => warnings.push(JSON.parse(line).reason) }),
      timeoutMs: 10_000,
    });

  const outcome = (sending: Promise<void>) =>
    sending.then(
      () => 'sent',
      (error: { kind: string }) => error.kind,
    );

  const outcomeAfter = async (ms: number) => {
    const sending = outcome(producer.send(records));
    await jest.advanceTimersByTimeAsync(ms);
    return sending;
  };

  const beginAgain = async () => {
    await producer.close();
    lives = [];
    producer = begin();
  };

  it('starts over with another producer when sending failed', async () => {
    answer = async (life) => {
      if (life === 0) throw new Error('The producer is disconnected');
    };
    expect(await outcomeAfter(200)).toBe('sent');
    expect(lives).toEqual([['send 1', 'disconnect', 'kill'], ['send 1']]);
    await producer.send(records);
    expect(lives).toHaveLength(2);
  });

  it('gives up after ten seconds, and cuts off what may still be on its way', async () => {
    answer = (life) => (life === 0 ? new Promise(() => undefined) : Promise.resolve());
    const sending = outcome(producer.send(records));
    await jest.advanceTimersByTimeAsync(9_999);
    expect(lives).toEqual([['send 1']]);
    await jest.advanceTimersByTimeAsync(1);
    expect(await sending).toBe('unavailable');
    expect(lives).toEqual([['send 1', 'kill']]);
    expect(await outcome(producer.send(records))).toBe('sent');
  });

  it('names what the broker said, when time runs out in a later attempt', async () => {
    const refusal = Object.assign(new Error('Not authorized to access topics'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    answer = (life) => (life === 0 ? Promise.reject(refusal) : new Promise(() => undefined));
    const sending = producer.send(records).catch((error: Error) => error.message);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await sending).toBe('Kafka answers: Not authorized to access topics');
  });

  it('says once that it cannot connect, and why, and again after it could', async () => {
    const refusal = Object.assign(new Error('authentication failed'), { name: 'KafkaJSSASLAuthenticationError' });
    connect = async (life) => {
      if (life !== 3) throw refusal;
    };
    let broken = 0;
    answer = async (life) => {
      if (life === broken) throw new Error('The producer is disconnected');
    };
    const why = 'Kafka refuses the login: authentication failed';
    for (const [told, result] of [
      [[why], 'sent'],
      [[why, why], 'unavailable'],
    ] as const) {
      expect(await outcomeAfter(10_000)).toBe(result);
      expect(warnings).toEqual(told);
      broken = 3;
    }
  });

  it('keeps trying to connect for as long as a send may take', async () => {
    connect = async (life) => {
      if (life < 3) throw new Error('ECONNREFUSED');
    };
    expect(await outcomeAfter(9_000)).toBe('sent');
  });

  it.each(['the first broker', 'the leaders'])(
    'lets a connection to %s that takes longer than a send go on, and writes nothing when it is made too late',
    async (whom) => {
      const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 15_000));
      if (whom === 'the leaders') connectToLeaders = slow;
      else connect = slow;
      await beginAgain();
      expect(await outcomeAfter(10_000)).toBe('unavailable');
      connectToLeaders = async () => undefined;
      expect([await outcomeAfter(6_000), lives]).toEqual(['sent', [['send 1']]]);
    },
  );

  it('lets a life that has sent before connect again, however old it is', async () => {
    await producer.send(records);
    await jest.advanceTimersByTimeAsync(60_000);
    connectToLeaders = () => new Promise((resolve) => setTimeout(resolve, 12_000));
    for (let sends = 0; sends < 2; sends += 1) {
      const sending = outcome(producer.send(records));
      await jest.advanceTimersByTimeAsync(9_999);
      expect(lives).toEqual([['send 1']]);
      await jest.advanceTimersByTimeAsync(1);
      expect(await sending).toBe('unavailable');
    }
    expect(lives).toEqual([['send 1', 'kill']]);
  });

  it('needs another life after a refused login, whose answer will be the same for ever', async () => {
    connect = () => Promise.reject(Object.assign(new Error('no'), { type: 'UNSUPPORTED_SASL_MECHANISM' }));
    await beginAgain();
    expect(await outcomeAfter(10_000)).toBe('unavailable');
    expect(lives.length).toBeGreaterThan(3);
  });

  it('writes nothing when connecting took most of the time, and does so with the next send', async () => {
    connectToLeaders = () => new Promise((resolve) => setTimeout(resolve, 6_000));
    expect([await outcomeAfter(6_000), lives]).toEqual(['unavailable', [[]]]);
    connectToLeaders = async () => undefined;
    expect([await outcome(producer.send(records)), lives]).toEqual(['sent', [['send 1']]]);
  });

  it('keeps its connections while a broker answers that it cannot take a record, for two sends', async () => {
    const refusal = Object.assign(new Error('too few replicas'), { type: 'NOT_ENOUGH_REPLICAS' });
    answer = () => Promise.reject(refusal);
    for (let sends = 0; sends < 2; sends += 1) {
      expect([await outcomeAfter(10_000), lives.length]).toEqual(['unavailable', 1]);
    }
    expect([await outcomeAfter(10_000), lives.length]).toEqual(['unavailable', 2]);
  });

  it('starts over where connecting takes longer than two sends', async () => {
    connect = () => new Promise(() => undefined);
    await beginAgain();
    for (const calls of [[], ['kill']]) {
      expect([await outcomeAfter(10_000), lives.at(-1)]).toEqual(['unavailable', calls]);
    }
    connect = async () => undefined;
    expect(await outcome(producer.send(records))).toBe('sent');
  });

  it('says at once that Kafka refuses a record', async () => {
    const refusal = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    answer = async () => {
      throw new Error('gave up', { cause: refusal });
    };
    expect(await outcome(producer.send(records))).toBe('unprocessable');
    expect(lives).toEqual([['send 1']]);
  });

  it('sends nothing after it was closed', async () => {
    await producer.close();
    expect(await outcome(producer.send(records))).toBe('unavailable');
    expect(lives).toEqual([['disconnect', 'kill']]);
  });
});
