import { asError } from './errors.ts';

/**
 * Reads anew on every call. What cannot be read then leaves the last value in use: a mounted Secret that is half replaced,
 * or replaced by nonsense, breaks nothing that worked.
 *
 * @param onFailure is told each failure once, however often it repeats
 * @throws what the first reading throws, at once
 */
export function lastGood<T>(read: () => T, onFailure: (error: Error) => void): () => T {
  let value = read();
  let told: string | undefined;
  return () => {
    try {
      value = read();
      told = undefined;
    } catch (thrown) {
      const error = asError(thrown);
      if (error.message !== told) onFailure(error);
      told = error.message;
    }
    return value;
  };
}
