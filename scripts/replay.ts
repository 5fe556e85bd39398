// `npm run replay -- FILE`: what was decided once, decided again from the same observations.
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { type DecisionRecord, decideAgain } from '../services/lag-controller/src/reporting/record.ts';
import { parseFlagsAndWords } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';

const help = `npm run replay -- FILE

Runs every decision that a lag controller recorded (RECORD_FILE; npm start writes .data/logs/decisions.jsonl) through
the law as it is now, says how many come out the same, and shows the first that does not.

Exit status: 0 if all are the same; else 1.
`;

function firstDifference(recorded: object, now: object): string {
  const keys = new Set([...Object.keys(recorded), ...Object.keys(now)]);
  for (const key of keys) {
    const [then, today] = [recorded[key as keyof object], now[key as keyof object]];
    if (!isDeepStrictEqual(then, today))
      return `${key} was ${JSON.stringify(then)} and is ${JSON.stringify(today)} now`;
  }
  return 'nothing differs';
}

function again(line: string, number: number): readonly [DecisionRecord, object] {
  try {
    const record = JSON.parse(line) as DecisionRecord;
    return [record, decideAgain(record)];
  } catch (error) {
    throw new SetupError(`Line ${number} is no record of a decision: ${(error as Error).message}`);
  }
}

async function opened(path: string): Promise<ReadStream> {
  const stream = createReadStream(path);
  await once(stream, 'open').catch((error: Error) => {
    throw new SetupError(`FILE can't be read: ${error.message}.`);
  });
  return stream;
}

async function main(): Promise<void> {
  const { flags, words } = parseFlagsAndWords(process.argv.slice(2), {
    command: 'npm run replay',
    options: { help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const [file, ...rest] = words;
  if (file === undefined || rest.length > 0) throw new SetupError('One FILE is wanted: npm run replay -- FILE.');
  let [total, same] = [0, 0];
  let shown: string | undefined;
  for await (const line of createInterface({ input: await opened(file) })) {
    total += 1;
    const [record, now] = again(line, total);
    if (isDeepStrictEqual(record.decision, now)) same += 1;
    else
      shown ??= `Line ${total}, ${record.scaler} at ${new Date(record.nowMs).toISOString()}: ${firstDifference(record.decision, now)}`;
  }
  console.log(`${same} of ${total} decisions are the same.`);
  if (shown !== undefined) console.log(shown);
  process.exitCode = total > 0 && same === total ? 0 : 1;
}

await runScript(main);
