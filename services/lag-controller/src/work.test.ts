import { describe, expect, it } from '@jest/globals';
import { policyOf } from './law/policy.ts';
import { workOf, workReader } from './work.ts';

const page = `# HELP consumer_messages_total Messages finished
consumer_messages_total{group="g",topic="t",outcome="applied",service="payments"} 40
consumer_messages_total{group="g",topic="t",outcome="duplicate",service="payments"} 2
consumer_messages_total{group="other",topic="t",outcome="applied",service="payments"} 900
consumer_busy_seconds_total{group="g",topic="t",service="payments"} 12.5
consumer_concurrency{group="g",topic="t",service="payments"} 16
`;
const consumer = { group: 'g', topic: 't' };

describe('the work of a replica', () => {
  it('is summed over outcomes, for its own group only', () => {
    expect(workOf(page, consumer)).toEqual({ handled: 42, busySeconds: 12.5, concurrency: 16 });
  });

  it('is absent where the page has no such consumer', () => {
    expect(workOf(page, { group: 'nobody', topic: 't' })).toBeUndefined();
    expect(workOf('', consumer)).toBeUndefined();
  });

  it('comes with the rebalances that it stood still for, where it tells of them', () => {
    const labels = '{group="g",topic="t",service="payments"}';
    const told = `${page}consumer_rebalance_seconds_sum${labels} 1.5\nconsumer_rebalance_seconds_count${labels} 3\n`;
    expect(workOf(told, consumer)).toMatchObject({ handled: 42, rebalances: { count: 3, seconds: 1.5 } });
  });

  it('is zero messages, not unknown, before the first one', () => {
    const fresh = page.replace(/^consumer_messages_total.*\n/gm, '').replace('12.5', '0');
    expect(workOf(fresh, consumer)).toEqual({ handled: 0, busySeconds: 0, concurrency: 16 });
  });

  it('is read from those that answer, and absent when none does', async () => {
    const get = async (url: string) => {
      if (url === 'down') throw new Error('too late');
      return page;
    };
    const read = (urls: string[]) =>
      workReader(get)({
        name: 'payments',
        ...consumer,
        policy: policyOf({ lagSeconds: 10 }),
        dryRun: false,
        target: { read: () => Promise.reject(new Error('unused')), scale: async () => {} },
        metricsUrls: async () => urls,
      });
    expect(await read(['down', 'up'])).toMatchObject([{ replica: 'up', handled: 42 }]);
    expect(await read(['down'])).toBeUndefined();
  });
});
