import { describe, expect, it } from '@jest/globals';
import { BatchLimit } from './batch-limit.ts';

describe('the batch limit', () => {
  it('halves when a batch is late, and grows back by twentieths, never above the most', () => {
    const limit = new BatchLimit(200);
    limit.late();
    limit.late();
    expect(limit.documents).toBe(50);
    for (let batch = 0; batch < 3; batch += 1) limit.inTime();
    expect(limit.documents).toBe(80);
    for (let batch = 0; batch < 100; batch += 1) limit.inTime();
    expect(limit.documents).toBe(200);
  });

  it('keeps a twentieth, and one document, however late all is', () => {
    for (const [most, least] of [
      [200, 10],
      [10, 1],
      [1, 1],
    ] as const) {
      const limit = new BatchLimit(most);
      for (let batch = 0; batch < 20; batch += 1) limit.late();
      expect(limit.documents).toBe(least);
    }
  });
});
