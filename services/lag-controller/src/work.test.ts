import { describe, expect, it } from '@jest/globals';
import { scalerOf } from './round.fixture.ts';
import type { Scaler } from './scaler.ts';
import { type GetPage, workOf, workReader } from './work.ts';

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

  it('is absent where it says that nothing is worked on at once, by which its speed would be none', () => {
    expect(
      workOf(page.replace('topic="t",service="payments"} 16', 'topic="t",service="payments"} 0'), consumer),
    ).toBeUndefined();
  });

  it('comes with the rebalances that it stood still for, where it tells of them', () => {
    const labels = '{group="g",topic="t",service="payments"}';
    const told = `${page}consumer_rebalance_seconds_sum${labels} 1.5\nconsumer_rebalance_seconds_count${labels} 3\n`;
    expect(workOf(told, consumer)).toMatchObject({ handled: 42, rebalances: { count: 3, seconds: 1.5 } });
  });

  it('is found beside lines that are made to take long, of a page of megabytes', () => {
    const hostile = ['x'.repeat(1_000_000), 'x=x="x'.repeat(50_000), `x="${'x'.repeat(1_000_000)}`].map(
      (labels) => `consumer_messages_total{${labels}} 1\n`,
    );
    const startedAt = performance.now();
    expect(workOf(hostile.join('') + page, consumer)).toMatchObject({ handled: 42 });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('is zero messages, not unknown, before the first one', () => {
    const fresh = page.replace(/^consumer_messages_total.*\n/gm, '').replace('12.5', '0');
    expect(workOf(fresh, consumer)).toEqual({ handled: 0, busySeconds: 0, concurrency: 16 });
  });

  describe('as it is read', () => {
    const pages: Readonly<Record<string, string>> = { up: page, other: 'up 1\n' };
    const get: GetPage = async (url, take) => {
      const found = pages[url];
      if (found === undefined) throw new Error(`${url}: too late`);
      for (const line of found.split('\n')) take(line);
    };
    const read = (changes: Partial<Scaler>) => workReader(get)({ ...scalerOf('payments'), ...changes });
    const of = (urls: string[]) => read({ metricsUrls: async () => urls, metricsName: 'workers:8080/metrics' });

    it('comes from those that answer, and from none in silence', async () => {
      expect(await of(['up'])).toEqual({ work: [{ replica: 'up', ...workOf(page, consumer) }] });
      expect(await of(['down', 'up', 'away'])).toEqual({
        work: [{ replica: 'up', ...workOf(page, consumer) }],
        workFault: 'consumer metrics: 1 of 3 pages of workers:8080/metrics could be read: down: too late',
      });
    });

    it('is absent, with one sentence, when none can be read', async () => {
      expect(await of(['down', 'away'])).toEqual({
        workFault: 'consumer metrics: 0 of 2 pages of workers:8080/metrics could be read: down: too late',
      });
      const nowhere = () => Promise.reject(new Error('workers has no address'));
      expect(await read({ metricsUrls: nowhere, metricsName: 'workers:8080/metrics' })).toEqual({
        workFault: 'consumer metrics: no page of workers:8080/metrics could be read: workers has no address',
      });
      expect(await read({ metricsUrls: nowhere })).toEqual({
        workFault: 'consumer metrics: no page could be read: workers has no address',
      });
    });

    it('is not there, and said so, where a page has no such consumer', async () => {
      expect(await of(['other'])).toEqual({
        workFault:
          'consumer metrics: 0 of 1 pages of workers:8080/metrics could be read: other: it does not have both consumer_busy_seconds_total and consumer_concurrency of group g on topic t',
      });
    });

    it('is absent without a word where no metrics are named, or there is no replica to ask', async () => {
      expect(await read({})).toEqual({});
      expect(await of([])).toEqual({});
    });
  });
});
