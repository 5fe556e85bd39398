import { describe, expect, it } from '@jest/globals';
import { burstPlot } from './plot.ts';
import { delaysOf, formatRecording, parseRecording, type Recording } from './recording.ts';

const recording: Recording = {
  burst: { orders: 3, rate: 1, lagSeconds: 10, partitions: 6 },
  rounds: [
    { at: -2, backlog: 0, ageSeconds: 0, arrivalRate: 0, consumptionRate: 0, desired: 1, current: 1 },
    { at: 0 },
    { at: 2, backlog: 40, ageSeconds: 2, arrivalRate: 20, consumptionRate: 10, desired: 3, current: 1 },
    { at: 4, backlog: 10, ageSeconds: 1, arrivalRate: 0, consumptionRate: 15, desired: 3, current: 3 },
  ],
  orders: [
    { placed: 0, decided: 1 },
    { placed: 1, decided: 4 },
    { placed: 2, decided: 11 },
  ],
};

describe('a recorded burst', () => {
  it('is read as it was written', () => {
    expect(parseRecording(formatRecording(recording))).toEqual(recording);
    expect(() => parseRecording('{"at":1}\n')).toThrow('what burst this is');
  });

  it('has its delays over windows by the time of the decision, and none where nothing was decided', () => {
    expect(delaysOf(recording.orders, 5)).toEqual([
      { at: 2.5, p50: 1, p95: 3 },
      { at: 12.5, p50: 9, p95: 9 },
    ]);
  });

  it('is drawn with what it was not to cross, and a gap where nothing was known', () => {
    const svg = burstPlot(recording, 'A burst');
    expect(svg).toContain('A burst: 3 orders at 1 per second');
    for (const word of ['objective 10 s', '6 partitions', 'desired', 'actual', 'p50', 'p95', 'arrival', 'consumption'])
      expect(svg).toContain(`>${word}</text>`);
    const [, age] = [...svg.matchAll(/class="line one" d="([^"]*)"/g)].map(([, path]) => path);
    expect(age?.match(/M/g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });
});
