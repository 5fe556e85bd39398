import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface RunOptions {
  env?: NodeJS.ProcessEnv | undefined;
  /** Kills the program; the promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  onLine?: ((line: string) => void) | undefined;
}

export interface RunResult {
  code: number | null;
  /** Standard output and standard error, in the order they came. */
  output: string;
}

/** Runs a program to its end. A non-zero exit is a result; only a program that cannot be started rejects. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      signal: options.signal,
    });
    let output = '';
    const collect = (line: string) => {
      output += `${line}\n`;
      options.onLine?.(line);
    };
    readLines(child.stdout, collect);
    readLines(child.stderr, collect);
    child.on('error', (error) => reject(options.signal?.aborted ? options.signal.reason : error));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Calls back with each line that is not blank, the last one too if nothing ends it. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.trim() !== '') onLine(line.trimEnd());
  });
  stream.on('end', () => {
    if (rest.trim() !== '') onLine(rest.trimEnd());
  });
}

/** As `run`, for programs whose failure nobody expects. */
export async function mustRun(command: string, args: string[], options: RunOptions = {}): Promise<void> {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit ${code}:\n${output}`);
}
