/** A command line of several commands that work on Kafka: what all of them need, opened for the one that is asked for. */
import type { ParseArgsOptionsConfig } from 'node:util';
import { ConfigurationError, readSettings } from '../../services/shared/src/env.ts';
import { DomainError } from '../../services/shared/src/errors.ts';
import type { Admin } from '../../services/shared/src/kafka/admin.ts';
import { connectKafka, type Kafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { type Flags, parseFlagsAndWords } from '../command-line/arguments.ts';
import { SetupError } from '../embedded/setup-error.ts';

export interface Tools {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly print: (text: string) => void;
  /** For what is not the answer itself, so that the answer can be piped. */
  readonly note: (text: string) => void;
  /** Aborted by Ctrl-C, which does not end the process any more from then on. */
  readonly interruption: () => AbortSignal;
}

export interface Command {
  readonly help: string;
  /** Reads the arguments and answers the work that they ask for. @throws SetupError */
  readonly parse: (args: readonly string[], name: string) => (tools: Tools) => Promise<void>;
}

interface CommandSpec<O extends ParseArgsOptionsConfig> {
  readonly help: string;
  readonly options: O;
  /** Names of the words that must be there. */
  readonly words: readonly string[];
  /** Whether more words may follow. */
  readonly more?: boolean;
  /** @throws SetupError for what is wrong with the arguments alone */
  readonly plan: (flags: Flags<O>, words: readonly string[]) => (tools: Tools) => Promise<void>;
}

export function command<const O extends ParseArgsOptionsConfig>(spec: CommandSpec<O>): Command {
  const { help, options, words: names, more = false, plan } = spec;
  return {
    help,
    parse(args, name) {
      const { flags, words } = parseFlagsAndWords(args, { command: name, options });
      const missing = names[words.length];
      if (missing !== undefined) throw new SetupError(`${missing} is missing.`);
      if (!more && words.length > names.length)
        throw new SetupError(`There is nothing to be done with ${JSON.stringify(words[names.length])}.`);
      return plan(flags, words);
    },
  };
}

export interface CommandLine {
  /** What a person types, for example `npm run kafka`. */
  readonly name: string;
  readonly help: string;
  readonly commands: Readonly<Record<string, Command>>;
}

/** Runs one command and answers the exit status; every fault is told in one sentence, on standard error. */
export async function runCommandLine(commandLine: CommandLine, args: readonly string[], env: NodeJS.ProcessEnv) {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  // `… | head` ends our output: nothing is left to be said.
  process.stdout.on('error', () => process.exit(0));
  const asked = ask(commandLine, args);
  if ('help' in asked) {
    if (asked.sentence === undefined) print(asked.help);
    else note(`${asked.sentence}\n\n${asked.help}`);
    return asked.sentence === undefined ? 0 : 1;
  }
  try {
    await withKafka(env, (tools) => asked.work({ ...tools, print, note, interruption }));
    return 0;
  } catch (error) {
    const isSentence = [SetupError, ConfigurationError, DomainError].some((kind) => error instanceof kind);
    if (!isSentence) throw error;
    note((error as Error).message);
    return 1;
  }
}

type Asked = { help: string; sentence?: string } | { work: (tools: Tools) => Promise<void> };

function ask({ name, help, commands }: CommandLine, [word, ...rest]: readonly string[]): Asked {
  if (word === undefined) return { help, sentence: 'A command is missing.' };
  if (word === '--help' || word === 'help') return { help };
  const chosen = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (chosen === undefined) return { help, sentence: `There is no command ${JSON.stringify(word)}.` };
  if (rest.includes('--help')) return { help: chosen.help };
  try {
    return { work: chosen.parse(rest, name) };
  } catch (error) {
    if (error instanceof SetupError) return { help: chosen.help, sentence: error.message };
    throw error;
  }
}

async function withKafka(env: NodeJS.ProcessEnv, work: (tools: Pick<Tools, 'kafka' | 'admin'>) => Promise<void>) {
  const settings = readSettings(kafkaSettings, env);
  const log = createLog('kafka-cli', { logLevel: 'silent' });
  const kafka = connectKafka(settings, { clientId: 'kafka-cli', log });
  const admin = kafka.admin();
  try {
    await pinged(kafka).catch((error) => {
      const brokers = settings.kafkaBrokers.join(',');
      throw new SetupError(
        `Kafka does not answer at ${brokers} (${firstLine(error)}): start it with \`npm start\`, or set KAFKA_BROKERS.`,
      );
    });
    await work({ kafka, admin });
  } finally {
    await Promise.allSettled([admin.close(), kafka.close()]);
  }
}

/** A first look-up and handshake, on a busy machine, may take longer than a ping. */
async function pinged(kafka: Kafka): Promise<void> {
  for (let attemptsLeft = 3; ; attemptsLeft -= 1) {
    try {
      return await kafka.ping();
    } catch (error) {
      if (attemptsLeft === 1) throw error;
    }
  }
}

function firstLine(error: Error): string {
  return error.message
    .replace(/^Kafka does not answer: /, '')
    .split('\n', 1)
    .join('');
}

let interrupted: AbortController | undefined;

function interruption(): AbortSignal {
  if (interrupted === undefined) {
    const controller = new AbortController();
    interrupted = controller;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  }
  return interrupted.signal;
}
