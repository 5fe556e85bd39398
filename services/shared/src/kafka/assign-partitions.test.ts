import { describe, expect, it } from '@jest/globals';
import { assignPartitions } from './assign-partitions.ts';

const sixEach = () => [0, 1, 2, 3, 4, 5];

describe('assignPartitions', () => {
  it('deals the partitions of one topic in turn, by the order of the ids', () => {
    const members = ['b', 'a', 'c', 'd'].map((memberId) => ({ memberId, topics: ['paid'] }));
    expect(Object.fromEntries(assignPartitions(members, sixEach))).toEqual({
      a: { paid: [0, 4] },
      b: { paid: [1, 5] },
      c: { paid: [2] },
      d: { paid: [3] },
    });
  });

  it('gives a member nothing of a topic that it did not subscribe to, and leaves no partition to nobody', () => {
    const members = [
      { memberId: 'a', topics: ['paid'] },
      { memberId: 'b', topics: ['failed'] },
      { memberId: 'c', topics: ['paid'] },
    ];
    expect(Object.fromEntries(assignPartitions(members, sixEach))).toEqual({
      a: { paid: [0, 2, 4] },
      b: { failed: [0, 1, 2, 3, 4, 5] },
      c: { paid: [1, 3, 5] },
    });
  });

  it('gives an empty share to a member beyond the partitions', () => {
    const members = ['a', 'b'].map((memberId) => ({ memberId, topics: ['paid'] }));
    expect(assignPartitions(members, () => [0]).get('b')).toEqual({});
  });
});
