/**
 * Sends one request again and again over kept connections, as a process of its own. Bare sockets and a constant request:
 * on a machine of few cores, a client that works as much as the server would be measured instead of it.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../measuring/percentile.ts';

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly body: unknown;
  readonly connections: number;
  readonly durationMs: number;
  /** Requests per second, whether or not earlier ones were answered; without it each connection sends when it was answered. */
  readonly rate?: number;
}

export interface Loaded {
  readonly accepted: number;
  readonly perSecond: number;
  /** From the moment a request was due to the end of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were no 201, and the first of them. */
  readonly refused: number;
  readonly fault?: string;
}

/** One connection; one request at a time. */
class Caller {
  readonly #socket: Socket;
  readonly #request: string;
  #received = '';
  #answered: ((status: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: Socket, request: string) {
    this.#socket = socket;
    this.#request = request;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  /** @returns the answer's status line, its body with it when it is no 201 */
  call(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, headEnd))?.[1];
    if (length === undefined) throw new Error('an answer without Content-Length');
    if (this.#received.length < headEnd + 4 + Number(length)) return;
    const answer = this.#received;
    this.#received = '';
    this.#answered?.(answer.startsWith('HTTP/1.1 201 ') ? '201' : answer.slice(0, 15) + answer.slice(headEnd));
  }
}

async function open({ port, path, body, connections }: Load): Promise<Caller[]> {
  const text = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  const request = `${head.join('\r\n')}\r\n\r\n${text}`;
  return await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1');
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      return new Caller(socket, request);
    }),
  );
}

async function run(load: Load): Promise<Loaded> {
  const callers = await open(load);
  const latencies: number[] = [];
  let refused = 0;
  let fault: string | undefined;
  const startedAt = performance.now();
  const endsAt = startedAt + load.durationMs;
  const interval = load.rate === undefined ? undefined : 1_000 / load.rate;
  let next = 0;

  async function nextDue(): Promise<number> {
    if (interval === undefined) return performance.now();
    const dueAt = startedAt + next++ * interval;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    return dueAt;
  }

  async function keepCalling(caller: Caller): Promise<void> {
    for (let dueAt = await nextDue(); dueAt < endsAt; dueAt = await nextDue()) {
      const status = await caller.call();
      if (status === '201') latencies.push(performance.now() - dueAt);
      else {
        refused += 1;
        fault ??= status;
      }
    }
  }

  await Promise.all(callers.map(keepCalling));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const caller of callers) caller.close();
  return {
    accepted: latencies.length,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 50) ?? Number.NaN,
    p99Ms: percentile(latencies, 99) ?? Number.NaN,
    refused,
    ...(fault !== undefined && { fault }),
  };
}

process.on('message', (load: Load) => {
  run(load).then(
    (loaded) => process.send?.(loaded),
    (error: Error) => process.send?.({ accepted: 0, fault: error.message }),
  );
});
process.on('disconnect', () => process.exit());
