import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { SetupError } from '../embedded/setup-error.ts';

export type Flags<O extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/**
 * Reads a command line that has flags only. `command` is what a person types to run the script, for example `npm start`.
 * @throws SetupError with one sentence for a flag that is unknown, lacks its value, or has one it does not take.
 */
export function parseFlags<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { command, options }: { command: string; options: O },
): Flags<O> {
  return parse(args, options, command, false).values;
}

/**
 * As `parseFlags`, for a command line that has words too, before, between or after its flags.
 * @throws SetupError as `parseFlags` does.
 */
export function parseFlagsAndWords<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { command, options }: { command: string; options: O },
): { flags: Flags<O>; words: string[] } {
  const { values, positionals } = parse(args, options, command, true);
  return { flags: values, words: positionals };
}

function parse<O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  command: string,
  allowPositionals: boolean,
) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals });
    return { values: values as Flags<O>, positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(/[.\n]/);
    throw new SetupError(`${sentence}: \`${command} -- --help\` lists what there is.`);
  }
}

/**
 * A number from `min` to `max` out of a flag's text, or `fallback` when the flag was not given.
 * @throws SetupError naming the flag and its range.
 */
export function numberFlag(
  flag: string,
  raw: string | undefined,
  { fallback, min, max, whole }: { fallback: number; min: number; max: number; whole: boolean },
): number {
  if (raw === undefined) return fallback;
  const value = Number(raw);
  const wellFormed = whole ? /^\d+$/.test(raw) : /^\d*\.?\d+$/.test(raw);
  if (wellFormed && value >= min && value <= max) return value;
  throw new SetupError(
    `--${flag} must be a ${whole ? 'whole number' : 'number'} from ${min} to ${max}, but is ${JSON.stringify(raw)}.`,
  );
}
