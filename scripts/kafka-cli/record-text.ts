/** Bytes of a stranger, made fit for a terminal: what would move its cursor or colour it is shown as an escape. */
import type { RawHeaders } from '../../services/shared/src/kafka/records.ts';

const strict = new TextDecoder('utf-8', { fatal: true });
const hexPreviewBytes = 256;

/** Text without control characters, and cut to `most` characters where that is given. */
export function printable(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
}

/** Bytes as text where they are UTF-8, else in hex; null as `null`. */
export function bytesText(bytes: Buffer | null): string {
  if (bytes === null) return 'null';
  return printable(decode(bytes) ?? `0x${bytes.toString('hex')}`);
}

/** `name=value` for each header, several of one name one after the other. */
export function headerLines(headers: RawHeaders, most = Number.POSITIVE_INFINITY): string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) => {
      const text = value === null || value === undefined ? '' : bytesText(Buffer.from(value));
      return `${printable(name)}=${printable(text, most)}`;
    }),
  );
}

/** A value on one line: JSON as it came, text in quotes, anything else in hex. */
export function valueLine(value: Buffer | null): string {
  if (value === null) return 'null (no value)';
  const text = decode(value);
  if (text === undefined) return `${value.length} bytes, no UTF-8: ${hexPreview(value)}`;
  const parsed = parseJson(text);
  if (parsed === undefined) return `no JSON: ${printable(text)}`;
  // As it came where it is one line: parsing rounds large numbers.
  return printable(text.includes('\n') ? JSON.stringify(parsed.value) : text);
}

/** A value on several lines: indented JSON, or what is there as text and as hex. */
export function valueText(value: Buffer | null): string {
  if (value === null) return 'null (no value)';
  const text = decode(value);
  const parsed = text === undefined ? undefined : parseJson(text);
  if (parsed)
    return JSON.stringify(parsed.value, null, 2)
      .split('\n')
      .map((line) => printable(line))
      .join('\n');
  const shown =
    text === undefined ? `no UTF-8: ${printable(value.toString('utf8'), hexPreviewBytes)}` : printable(text);
  return `no JSON, ${value.length} bytes\ntext  ${shown}\nhex   ${hexPreview(value)}`;
}

function hexPreview(bytes: Buffer): string {
  const hex = bytes.subarray(0, hexPreviewBytes).toString('hex');
  return bytes.length > hexPreviewBytes ? `${hex}…` : hex;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function escaped(character: string): string {
  return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
}
