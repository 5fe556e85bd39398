import { describe, expect, it } from '@jest/globals';
import { Members } from './members.ts';

const start = { startSeconds: 10, rebalanceSeconds: 5, seed: 1 };

/** Lives through seconds, and answers what holds at the end of each. */
function seconds<T>(members: Members, [from, until]: [number, number], look: () => T): T[] {
  return Array.from({ length: until - from }, (_, index) => {
    members.join(from + index);
    return look();
  });
}

describe('the members of a group', () => {
  it('are replaced one by one when a new version is rolled out, with one more on the way', () => {
    const members = new Members(3, start);
    members.rollOut(0);
    const seen = seconds(members, [0, 60], () => ({
      names: members.joined.map(({ name }) => name).join(),
      rolling: members.isRollingOut,
      replicas: members.replicas,
    }));
    expect([...new Set(seen.map(({ names }) => names))]).toEqual([
      'replica-1,replica-2,replica-3',
      'replica-2,replica-3,replica-4',
      'replica-3,replica-4,replica-5',
      'replica-4,replica-5,replica-6',
    ]);
    expect(Math.max(...seen.map(({ replicas }) => replicas))).toBe(4);
    expect([seen[0]?.rolling, seen.at(-1)?.rolling, members.replicas, members.rebalances]).toEqual([true, false, 3, 3]);
  });

  it('are replaced a quarter at a time', () => {
    const members = new Members(8, start);
    members.rollOut(0);
    expect(members.replicas).toBe(10);
    seconds(members, [0, 120], () => 0);
    expect(members.replicas).toBe(8);
    expect(members.joined.every(({ name }) => Number(name.split('-')[1]) > 8)).toBe(true);
  });

  it('are as many as asked for after a roll-out in which that changed', () => {
    const members = new Members(4, start);
    members.rollOut(0);
    members.scale(2, 5);
    seconds(members, [5, 20], () => 0);
    members.scale(6, 20);
    seconds(members, [20, 120], () => 0);
    expect([members.replicas, members.joined.length, members.isRollingOut]).toEqual([6, 6, false]);
    expect(members.joined.every(({ name }) => Number(name.split('-')[1]) > 4)).toBe(true);
  });

  it('miss one that died without a word when its session ends, and stand still until then once somebody joins', () => {
    const members = new Members(3, start);
    members.lose(0, 30);
    expect([members.joined.length, members.alive.length, members.replicas]).toEqual([3, 2, 3]);
    seconds(members, [0, 13], () => 0);
    expect(members.joined.map(({ name }) => name)).toContain('replica-3');
    expect(members.alive).toHaveLength(3);
    expect(members.standstills.until).toBe(35);
    seconds(members, [13, 31], () => 0);
    expect(members.joined.map(({ name }) => name)).toEqual(['replica-1', 'replica-2', 'replica-4']);
    expect([members.standstills.until, members.rebalances]).toEqual([35, 1]);
    expect(members.standstills.over(34)).toEqual({ count: 0, seconds: 0 });
    members.scale(2, 40);
    expect(members.standstills.over(40)).toEqual({ count: 1, seconds: 35 - 11 });
  });

  it('leave the youngest first, those that have died aside', () => {
    const members = new Members(4, start);
    members.lose(0, 1_000);
    members.scale(2, 1);
    expect(members.alive.map(({ name }) => name)).toEqual(['replica-1', 'replica-2']);
    expect(members.replicas).toBe(2);
  });
});
