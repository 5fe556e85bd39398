import { isDomainError, reasonOf, StartError } from '../../services/shared/src/errors.ts';
import { SetupError } from '../embedded/setup-error.ts';

/**
 * Runs what a script does, to its end. What went wrong and can be mended by whoever typed the command is told in one
 * sentence, anything else with its stack; the exit status is 1 then.
 */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(sentenceOf(error) ?? error);
    process.exitCode = 1;
  }
}

function sentenceOf(error: unknown): string | undefined {
  if (isDomainError(error)) return reasonOf(error);
  return error instanceof SetupError || error instanceof StartError ? error.message : undefined;
}
