import { StartError } from './errors.ts';

/** Configuration is a table of settings: the same table reads the environment and prints docs/settings.md. */
export interface Setting<T> {
  readonly variable: string;
  readonly about: string;
  /** What is used when the variable is unset or empty; `undefined` together with `optional: false` means it must be set. */
  readonly fallback: string | undefined;
  readonly optional: boolean;
  /** Its value never appears in an error. */
  readonly secret: boolean;
  /** Throws an Error whose message completes «VARIABLE must be …». */
  readonly parse: (raw: string) => T;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault of the configuration at once, so that one start is enough to see them all. */
export class ConfigurationError extends StartError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}: ${faults.join('; ')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

function setting<T>(
  variable: string,
  fallback: string | undefined,
  about: string,
  parse: (raw: string) => T,
): Setting<T> {
  return { variable, fallback, about, parse, optional: false, secret: false };
}

export function text(variable: string, fallback: string | undefined, about: string): Setting<string> {
  return setting(variable, fallback, about, (raw) => raw);
}

/** Several, with commas between. */
export function list(variable: string, fallback: string | undefined, about: string): Setting<string[]> {
  return setting(variable, fallback, `${about}, with commas between`, (raw) => {
    const values = raw.split(',').map((value) => value.trim());
    if (values.includes('')) throw new Error('values with commas between, none of them empty');
    return values;
  });
}

/** A setting that may stay unset: the value is then `undefined`. */
export function optional<T>(required: Setting<T>): Setting<T | undefined> {
  return { ...required, optional: true };
}

/** A setting whose value never appears in an error. */
export function secret<T>(shown: Setting<T>): Setting<T> {
  return { ...shown, secret: true };
}

/** A whole number from `min` to `max`; put the unit into the variable's name. */
export function integer(
  variable: string,
  fallback: string | undefined,
  about: string,
  [min, max]: readonly [number, number],
): Setting<number> {
  return setting(variable, fallback, about, (raw) => {
    const value = Number(raw);
    if (!/^\d+$/.test(raw) || value < min || value > max) throw new Error(`a whole number from ${min} to ${max}`);
    return value;
  });
}

export function port(variable: string, fallback: string, about: string): Setting<number> {
  return integer(variable, fallback, about, [0, 65_535]);
}

/** A number from 0 to 1. */
export function fraction(variable: string, fallback: string, about: string): Setting<number> {
  return setting(variable, fallback, about, (raw) => {
    const value = Number(raw);
    if (raw.trim() === '' || !(value >= 0 && value <= 1)) throw new Error('a number from 0 to 1');
    return value;
  });
}

export function flag(variable: string, fallback: 'true' | 'false', about: string): Setting<boolean> {
  return setting(variable, fallback, about, (raw) => {
    if (raw !== 'true' && raw !== 'false') throw new Error('true or false');
    return raw === 'true';
  });
}

export function oneOf<const W extends string>(
  variable: string,
  fallback: W | undefined,
  about: string,
  words: readonly W[],
): Setting<W> {
  return setting(variable, fallback, about, (raw) => {
    const word = words.find((candidate) => candidate === raw);
    if (word === undefined) throw new Error(`one of ${words.join(', ')}`);
    return word;
  });
}

/** An http(s) address, without the slash at its end. */
export function httpUrl(variable: string, fallback: string | undefined, about: string): Setting<string> {
  return setting(variable, fallback, about, (raw) => {
    if (!URL.canParse(raw) || !/^https?:$/.test(new URL(raw).protocol))
      throw new Error('an http:// or https:// address');
    return raw.replace(/\/+$/, '');
  });
}

/** `host:port`, or several with commas between them. */
export function hostPorts(variable: string, fallback: string | undefined, about: string): Setting<string[]> {
  return setting(variable, fallback, about, (raw) => {
    const entries = raw.split(',').map((entry) => entry.trim());
    if (!entries.every((entry) => /^(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(entry)))
      throw new Error('host:port, or several with commas between them');
    return entries;
  });
}

/** @throws ConfigurationError naming every variable that is missing or malformed. */
export function readSettings<S extends Settings>(settings: S, environment: Environment): Values<S> {
  const faults: string[] = [];
  const values = Object.entries(settings).map(([name, entry]) => {
    try {
      return [name, readSetting(entry, environment)];
    } catch (error) {
      faults.push((error as Error).message);
      return [name, undefined];
    }
  });
  if (faults.length > 0) throw new ConfigurationError(faults);
  return Object.freeze(Object.fromEntries(values)) as Values<S>;
}

function readSetting(
  { variable, fallback, optional: mayBeUnset, secret: isSecret, parse, about }: Setting<unknown>,
  environment: Environment,
): unknown {
  const raw = environment[variable] || fallback;
  if (raw === undefined) {
    if (mayBeUnset) return undefined;
    throw new Error(`${variable} must be set (${about})`);
  }
  try {
    return parse(raw);
  } catch (error) {
    throw new Error(
      `${variable} must be ${(error as Error).message}${isSecret ? '' : `, but is ${JSON.stringify(raw)}`}`,
    );
  }
}
