import { describe, expect, it } from '@jest/globals';
import { formatTraceparent, newTraceparent, parseTraceparent, traceIdOf } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it.each([
    ['01', true],
    ['00', false],
    ['03', true],
    ['fe', false],
  ])('with the flags %s says whether it is sampled: %s', (flags, sampled) => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-${flags}`)).toEqual({ traceId, spanId, sampled });
  });

  it.each([
    undefined,
    '',
    'x',
    `01-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    ` 00-${traceId}-${spanId}-01`,
  ])('is not %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(traceIdOf(text)).toBeUndefined();
  });

  it('is written as it is read', () => {
    const text = `00-${traceId}-${spanId}-01`;
    expect(formatTraceparent({ traceId, spanId, sampled: true })).toBe(text);
    expect(traceIdOf(text)).toBe(traceId);
  });

  it('that is new is another each time, and not sampled', () => {
    const [one, other] = [newTraceparent(), newTraceparent()];
    expect(parseTraceparent(one)).toMatchObject({ sampled: false });
    expect(traceIdOf(one)).not.toBe(traceIdOf(other));
  });
});
