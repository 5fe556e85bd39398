import { describe, expect, it } from '@jest/globals';
import { bytesText, headerLines, printable, valueLine, valueText } from './record-text.ts';

describe('text for a terminal', () => {
  it('shows what would move the cursor or hide text as an escape', () => {
    expect(printable('a\x1b[31m\r\n\u202eb')).toBe('a\\u001b[31m\\u000d\\u000a\\u202eb');
  });

  it('cuts what is too long, with a sign that it did', () => {
    expect(printable('abcdef', 4)).toBe('abc…');
    expect(headerLines({ a: ['123456', Buffer.from([0xff])], none: null }, 4)).toEqual(['a=123…', 'a=0xff', 'none=']);
  });

  it('shows keys as text or hex, and none as null', () => {
    expect([Buffer.from('é'), Buffer.from([0xc3]), null].map(bytesText)).toEqual(['é', '0xc3', 'null']);
  });
});

describe('values', () => {
  it('are JSON as it came, on one line', () => {
    expect(valueLine(Buffer.from('{"n": 12345678901234567890}'))).toBe('{"n": 12345678901234567890}');
    expect(valueLine(Buffer.from('{\n "n": 1\n}'))).toBe('{"n":1}');
  });

  it('are indented JSON on several lines', () => {
    expect(valueText(Buffer.from('{"a":{"b":1}}'))).toBe('{\n  "a": {\n    "b": 1\n  }\n}');
  });

  it('are text and hex where they are no JSON', () => {
    expect(valueText(Buffer.from('{"a'))).toBe('no JSON, 3 bytes\ntext  {"a\nhex   7b2261');
    expect(valueLine(Buffer.from([0xff, 0x00]))).toBe('2 bytes, no UTF-8: ff00');
    expect(valueText(null)).toBe('null (no value)');
  });
});
