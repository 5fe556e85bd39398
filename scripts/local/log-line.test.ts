import { describe, expect, it } from '@jest/globals';
import { AlertDigest } from './alert-digest.ts';
import { type Alert, alertOf, listeningPort, tellingLine } from './log-line.ts';

const line = (members: object) => JSON.stringify({ level: 'info', service: 'orders', ...members });

describe('alertOf', () => {
  it('shows warnings and worse in their own words, with the first line of the reason', () => {
    const err = { message: 'connect ECONNREFUSED\n    at connect' };
    expect(alertOf(line({ level: 'warn', msg: 'could not publish', err }))).toEqual({
      level: 'warn',
      message: 'could not publish',
      reason: 'connect ECONNREFUSED',
    });
  });

  it('shows nothing else', () => {
    expect(alertOf(line({ msg: 'listening' }))).toBeUndefined();
    expect(alertOf('{"level":"warn"')).toBeUndefined();
    expect(alertOf(line({ msg: 'a text with "level":"warn" in it' }))).toBeUndefined();
    expect(alertOf('a plain line')).toBeUndefined();
  });
});

describe('listeningPort', () => {
  it('is told by the line with that message only', () => {
    expect(listeningPort(line({ msg: 'listening', port: 3001 }))).toBe(3001);
    expect(listeningPort(line({ msg: 'a peer is "listening"', port: 1 }))).toBeUndefined();
  });
});

describe('tellingLine', () => {
  it('prefers a warning to what was said after it', () => {
    const lines = [
      line({ level: 'fatal', msg: 'could not start', reason: 'port 1 is taken' }),
      line({ msg: 'stopped' }),
    ];
    expect(tellingLine(lines)).toBe('could not start: port 1 is taken');
  });

  it('finds the error in the trace of a crash', () => {
    expect(
      tellingLine(['file:///main.ts:3', '', "SyntaxError: Unexpected token '}'", '    at x', 'Node.js v24.21.0']),
    ).toBe("SyntaxError: Unexpected token '}'");
  });

  it('is the last line where none stands out', () => {
    expect(tellingLine(['first', line({ msg: 'stopped' })])).toBe('stopped');
    expect(tellingLine([])).toBe('');
  });
});

describe('AlertDigest', () => {
  it('holds the same warning back for ten seconds, then tells how many there were', () => {
    let nowMs = 0;
    const digest = new AlertDigest(() => nowMs);
    const alert = (reason: string): Alert => ({ level: 'warn', message: 'no answer', reason });
    expect(digest.take('orders', alert('a'))).toBe('orders warn: no answer: a');
    nowMs = 9_999;
    expect(digest.take('orders', alert('b'))).toBeUndefined();
    expect(digest.take('payments', alert('b'))).toBe('payments warn: no answer: b');
    nowMs = 10_000;
    expect(digest.take('orders', alert('c'))).toBe('orders warn: no answer: c (and 1 more like it)');
  });
});
