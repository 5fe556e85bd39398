import { describe, expect, it } from '@jest/globals';
import { lagView, sparkline } from './lag-view.ts';

describe('the view of lag', () => {
  it('draws what is unknown as a gap, not as zero', () => {
    expect(sparkline([0, undefined, 4, 8])).toBe('▁ ▅█');
  });

  it('says what is unknown, why it holds, and what went wrong', () => {
    const point = { atMs: 1, action: 'hold', reason: 'unknown-data' } as const;
    const text = lagView({
      scaler: 'payments',
      group: 'g',
      topic: 't',
      lagSeconds: 10,
      minReplicas: 1,
      dryRun: false,
      points: [{ ...point, faults: ['topics: Kafka does not answer'] }],
    });
    expect(text).toContain('unknown messages, unknown in, unknown out');
    expect(text).toContain('hold: unknown-data\n  topics: Kafka does not answer');
  });
});
