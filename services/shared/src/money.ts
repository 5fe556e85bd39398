/**
 * Money is a whole number of cents inside; decimals exist only on the wire.
 * Conversion goes through the decimal digits, never through a multiplication: 19.99 * 100 is 1998.9999999999998.
 */

/** The largest amount accepted, in cents: above it a JSON number of reais could no longer hold every cent. */
export const maxCents = 10 ** 14;

const decimal = /^(\d+)(?:\.(\d{1,2}))?$/;

/** `4500` → 450000, `19.9` → 1990. `undefined` when it is negative, not finite, too large or has more than two decimals. */
export function centsFromDecimal(amount: number): number | undefined {
  const digits = decimal.exec(String(amount));
  if (!digits) return undefined;
  const cents = Number(digits[1]) * 100 + Number((digits[2] ?? '').padEnd(2, '0'));
  return cents <= maxCents ? cents : undefined;
}

/** 1999 → 19.99, the JSON number that prints with those digits. */
export function decimalFromCents(cents: number): number {
  return cents / 100;
}

/** The sum of `quantity` × `priceCents`; may exceed {@link maxCents}, which the caller checks against a stated total. */
export function sumCents(lines: readonly { quantity: number; priceCents: number }[]): number {
  return lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
}
