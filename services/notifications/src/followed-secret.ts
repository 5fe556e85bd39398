import { readFileSync } from 'node:fs';
import { ConfigurationError, optional, type Setting, text } from '@shop/shared/env';
import { reasonOf } from '@shop/shared/errors';
import { lastGood } from '@shop/shared/last-good';
import type { Logger } from '@shop/shared/log';

/** The setting that names a file with the value of a secret one. */
export function fileWith({ variable }: Setting<unknown>): Setting<string | undefined> {
  return optional(
    text(`${variable}_FILE`, undefined, `file with that value, read again while running; goes before ${variable}`),
  );
}

interface Given<T> {
  readonly value: T | undefined;
  readonly file: string | undefined;
}

/**
 * A secret as it is now: a mounted file is replaced while we run. What cannot be used then leaves the last value.
 *
 * @param onFailure is told each failure once, however often it repeats
 * @returns `undefined` where neither is set
 * @throws ConfigurationError when the file cannot be used from the start
 */
export function followSecret<T>(
  { variable, parse }: Setting<T>,
  { value, file }: Given<NoInfer<T>>,
  onFailure: (error: Error) => void,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): (() => T) | undefined {
  if (file === undefined) return value === undefined ? undefined : () => value;
  const read = () => {
    try {
      return parse(readFile(file).trim());
    } catch (error) {
      throw new ConfigurationError([`${variable}_FILE must name a file with what can be used: ${reasonOf(error)}`]);
    }
  };
  return lastGood(read, onFailure);
}

/** What {@link followSecret} tells its failures: they are warned of. */
export const warnWith = (log: Logger) => (err: Error) =>
  log.warn({ err }, 'new credentials cannot be used, the last ones stay');
