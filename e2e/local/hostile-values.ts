/** JSON that nobody should send: what is right, with something wrong in it. */
import fc from 'fast-check';

type Step = string | number;

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
const loneSurrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code));

/** Wrong types, operators of MongoDB, numbers beyond all bounds, names that objects have already, depth and length. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', '0', [], {}, 0, -0, -1, 1.005, 1e21, 1e308, -1e308, 5e-324, 2 ** 53),
  fc.constantFrom<unknown>({ $gt: '' }, { $ne: null }, { $where: 'while(1){}' }, { $regex: '(a+)+$' }, [{ $in: [] }]),
  fc.constantFrom<unknown>({ toString: 1 }, { length: 1e9 }, { toJSON: 'x' }, { constructor: { prototype: 1 } }),
  fc.constantFrom<unknown>('__proto__', '$where', 'a.b', '\u0000', '\r\nx: y', '\ufeff', '64b000000000000000000000'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: loneSurrogate, maxLength: 10 }),
  fc.integer({ min: 1, max: 30_000 }).map((length) => 'a'.repeat(length)),
  fc.integer({ min: 1, max: 500 }).map(nested),
  fc.jsonValue(),
);

const hostileName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    '$set',
    '$where',
    '',
    'a.b',
    '_id',
    'toString',
    'hasOwnProperty',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

function placesOf(value: unknown, at: readonly Step[] = []): (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...steps.flatMap((step) => placesOf((value as Record<Step, unknown>)[step], [...at, step]))];
}

/** A copy in which the value at `place` is what `change` makes of it. */
function changed(value: unknown, [step, ...rest]: readonly Step[], change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? changed(item, rest, change) : item));
  return withMember(value, String(step), changed((value as Record<Step, unknown>)[step], rest, change));
}

/** Also where the name is `__proto__`, which an assignment would take for something else. */
function withMember(value: unknown, name: string, member: unknown): object {
  return Object.defineProperty({ ...Object(value) }, name, { value: member, enumerable: true, configurable: true });
}

/** `base` with one to three things wrong. */
function damaged(base: unknown): fc.Arbitrary<unknown> {
  const damage = fc.tuple(fc.constantFrom(...placesOf(base)), fc.option(hostileName), hostileValue);
  return fc.array(damage, { minLength: 1, maxLength: 3 }).map((damages) => {
    let value = base;
    for (const [place, name, hostile] of damages)
      try {
        value = changed(value, place, (old) => (name === null ? hostile : withMember(old, name, hostile)));
      } catch {
        // An earlier damage took this place away.
      }
    return value;
  });
}

/** Changes of the text that no value could be written as. */
function damagedText(base: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(base);
  return fc.oneof(
    fc.nat(text.length).map((end) => text.slice(0, end)),
    fc
      .constantFrom('1e999', '-0', '9'.repeat(500), '0x10', 'NaN', '01', '1.0000000001', '"1"')
      .map((number) => text.replace(/\d+(\.\d+)?/, number)),
    fc.constantFrom(`{"a":1,"a":2,${text.slice(1)}`, `\ufeff${text}`, `${text}${text}`, `[${text}]`, text.repeat(200)),
    fc.constantFrom(`${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, '['.repeat(50_000), `"${'\\"'.repeat(20_000)}`),
  );
}

/** The bytes of damaged JSON: of a value, of its text, or no text at all. */
export function hostileBytes(base: unknown): fc.Arbitrary<Buffer> {
  const text = Buffer.from(JSON.stringify(base));
  return fc.oneof(
    { weight: 6, arbitrary: damaged(base).map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 2, arbitrary: damagedText(base).map((one) => Buffer.from(one)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(text.length), fc.constantFrom([0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf8], [0x00]))
        .map(([at, invalid]) => Buffer.concat([text.subarray(0, at), Buffer.from(invalid), text.subarray(at)])),
    },
  );
}
