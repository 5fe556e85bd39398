import { DomainError, reasonOf } from '@shop/shared/errors';
import { z } from 'zod';
import type { Target } from './target.ts';

const state = z.object({
  replicas: z.array(z.object({ replica: z.number(), pid: z.number().optional(), port: z.number().optional() })),
});

export interface ProcessesOptions {
  /** The supervisor's address of this program: `http://127.0.0.1:PORT/programs/payments`. */
  readonly url: string;
  readonly token: string;
  readonly timeoutMs: number;
}

/** Processes on this machine, kept by the supervisor of `npm start`. */
export function processesTarget(options: ProcessesOptions): Target & { metricsUrls: () => Promise<readonly string[]> } {
  const read = async () => state.parse(await ask(options, 'GET')).replicas;
  return {
    async read() {
      const replicas = await read();
      const ready = replicas.filter(({ pid }) => pid !== undefined).length;
      return { desired: replicas.length, current: replicas.length, ready, rollingOut: false };
    },
    async scale(replicas) {
      await ask(options, 'PUT', { replicas });
    },
    metricsUrls: async () =>
      (await read()).flatMap(({ port }) => (port === undefined ? [] : [`http://127.0.0.1:${port}/metrics`])),
  };
}

async function ask({ url, token, timeoutMs }: ProcessesOptions, method: string, body?: unknown): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return await response.json();
  } catch (error) {
    throw new DomainError('unavailable', {
      code: 'supervisor-unavailable',
      detail: `The supervisor of the processes does not answer: ${reasonOf(error)}`,
      cause: error,
    });
  }
}
