import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLog } from '@shop/shared/log';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { type FaultLog, faultLog } from './fault-log.ts';

describe('the log of faults', () => {
  let lines: { level: string; scaler: string; faults?: string[] }[];
  let faults: FaultLog;
  const round = (...sentences: string[]) =>
    faults.listen(scalerOf('payments'), { ...roundOf('payments', 0), faults: sentences });

  beforeEach(() => {
    lines = [];
    faults = faultLog(
      createLog('test', { logLevel: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    );
  });

  it('tells one that lasts once, and its end', () => {
    for (let times = 0; times < 100; times += 1) round('Kafka refuses the login');
    round();
    round();
    expect(lines).toMatchObject([
      { level: 'warn', scaler: 'payments', faults: ['Kafka refuses the login'] },
      { level: 'info', scaler: 'payments' },
    ]);
  });

  it('tells another one, and not how long was waited this time', () => {
    round('target: no answer within 3000 ms');
    round('target: no answer within 3001 ms');
    round('target: forbidden');
    expect(lines.map((line) => line.faults)).toEqual([['target: no answer within 3000 ms'], ['target: forbidden']]);
  });

  it('does not tell of pages of consumers, as long as some can be read', () => {
    const { observation, ...rest } = roundOf('payments', 0);
    const workFault = 'consumer metrics: 1 of 2 pages could be read';
    const work = [{ replica: 'one', handled: 1, busySeconds: 1, concurrency: 1 }];
    const some = { ...rest, observation: { ...observation, work }, faults: [workFault], workFault };
    faults.listen(scalerOf('payments'), some);
    const { work: _, ...none } = observation;
    faults.listen(scalerOf('payments'), { ...some, observation: none });
    expect(lines.map((line) => line.faults)).toEqual([[workFault]]);
  });

  it('begins anew with a scaler of a name that was gone', () => {
    round('forbidden');
    faults.forget('payments');
    round('forbidden');
    expect(lines).toHaveLength(2);
  });
});
