import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkPart } from './request-faults.ts';

const schema = z.strictObject({
  name: z.string().min(1).max(3),
  email: z.email().optional(),
  kind: z.enum(['a', 'b']).optional(),
  lines: z
    .array(z.strictObject({ quantity: z.number().int().positive() }))
    .max(2)
    .optional(),
});

const faultsOf = (body: unknown) =>
  Object.fromEntries(checkPart(schema, body, 'body').faults.map(({ at, detail }) => [at, detail]));

describe('checking a part of a request', () => {
  it('gives back the value when nothing is wrong', () => {
    expect(checkPart(schema, { name: 'x' }, 'body')).toEqual({ value: { name: 'x' }, faults: [] });
  });

  it('tells what is missing from what is wrong', () => {
    expect(faultsOf({})).toEqual({ '#/name': 'is required' });
    expect(faultsOf({ name: 5 })).toEqual({ '#/name': 'must be a string' });
    expect(faultsOf(undefined)).toEqual({ '#': 'is required' });
    expect(faultsOf([])).toEqual({ '#': 'must be an object' });
  });

  it('names every fault, nested ones by JSON pointer', () => {
    expect(faultsOf({ name: '', email: 'x', kind: 'c', lines: [{ quantity: 0 }, { quantity: 1.5 }] })).toEqual({
      '#/name': 'must have at least 1 character',
      '#/email': 'must be an e-mail address',
      '#/kind': 'must be one of a, b',
      '#/lines/0/quantity': 'must be more than 0',
      '#/lines/1/quantity': 'must be a whole number',
    });
    const line = { quantity: 1 };
    expect(faultsOf({ name: 'four', lines: [line, line, line] })).toEqual({
      '#/name': 'must have at most 3 characters',
      '#/lines': 'must have at most 2 items',
    });
  });

  it('names each unknown member at its own place, with the slashes of its name escaped', () => {
    expect(faultsOf({ name: 'x', 'a/b~': 1, other: 2, lines: [{ quantity: 1, price: 1 }] })).toEqual({
      '#/a~1b~0': 'is not known here',
      '#/other': 'is not known here',
      '#/lines/0/price': 'is not known here',
    });
  });

  it('keeps a message that the schema gives itself', () => {
    const id = z.object({ id: z.string().regex(/^\d+$/, 'must be digits') });
    expect(checkPart(id, { id: 'x' }, 'params').faults).toEqual([{ at: 'path id', detail: 'must be digits' }]);
    expect(checkPart(id, {}, 'query').faults).toEqual([{ at: 'query id', detail: 'is required' }]);
  });
});
