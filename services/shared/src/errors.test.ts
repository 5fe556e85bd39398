import { describe, expect, it } from '@jest/globals';
import { asError, reasonOf } from './errors.ts';

describe('the reason of an error', () => {
  it('is its message and those of its causes, each once', () => {
    const refused = new Error('connect ECONNREFUSED');
    const failed = new Error('fetch failed', { cause: refused });
    expect(reasonOf(new Error('GET /x', { cause: failed }))).toBe('GET /x: fetch failed: connect ECONNREFUSED');
    expect(reasonOf(new Error('gone', { cause: new Error('gone') }))).toBe('gone');
  });

  it('is a code where there is no message, and what was thrown where that was no error', () => {
    const both = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(reasonOf(new Error('fetch failed', { cause: both }))).toBe('fetch failed: ECONNREFUSED');
    expect(reasonOf('a text')).toBe('a text');
    expect(asError('a text').message).toBe('a text');
  });

  it('leaves out a cause that has no words', () => {
    expect(reasonOf(new Error('no server', { cause: { servers: new Map() } }))).toBe('no server');
  });

  it('ends where the causes go round', () => {
    const error = new Error('a');
    error.cause = error;
    expect(reasonOf(error)).toBe('a');
  });
});
