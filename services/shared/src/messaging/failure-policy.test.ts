import { describe, expect, it } from '@jest/globals';
import { DomainError, type ErrorKind } from '../errors.ts';
import { judge } from './failure-policy.ts';

const nothing = () => undefined;
const error = (kind: ErrorKind, retryAfterSeconds?: number) =>
  new DomainError(kind, { code: 'some-code', detail: 'What it was.', ...(retryAfterSeconds && { retryAfterSeconds }) });

describe('judge', () => {
  it.each([
    ['invalid', 'reject'],
    ['unprocessable', 'reject'],
    ['conflict', 'reject'],
    ['not-found', 'reject'],
    ['stale', 'transient'],
    ['unavailable', 'outage'],
    ['throttled', 'outage'],
  ] as const)('answers %s with %s', (kind, answer) => {
    const verdict = judge(error(kind), nothing);
    expect(verdict).toEqual({ answer, code: 'some-code', reason: 'What it was.', retryAfterMs: 0 });
  });

  it('passes on how long a dependency asked us to wait', () => {
    expect(judge(error('throttled', 3), nothing).retryAfterMs).toBe(3_000);
  });

  it('asks about errors that do not say what they are', () => {
    const thrown = new Error('socket hang up');
    const verdict = judge(thrown, (asked) => (asked === thrown ? error('unavailable') : undefined));
    expect(verdict.answer).toBe('outage');
  });

  it('takes a broken connection for an outage, even when nobody translates it', () => {
    const thrown = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
    expect(judge(thrown, nothing)).toMatchObject({ answer: 'outage', code: 'network-error' });
    const unrelated = Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(judge(unrelated, nothing).answer).toBe('transient');
  });

  it.each([new TypeError('maria@example.com is not iterable'), 'maria@example.com', undefined])(
    'tries an unknown error again and keeps its message out of the reason: %p',
    (thrown) => {
      const verdict = judge(thrown, nothing);
      expect(verdict).toMatchObject({ answer: 'transient', code: 'unexpected-error' });
      expect(verdict.reason).not.toContain('maria');
    },
  );
});
