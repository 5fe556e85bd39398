import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Scenario } from '../../services/lag-controller/src/simulator/scenario.ts';
import type { Result } from '../../services/lag-controller/src/simulator/simulate.ts';

/** One scenario with one seed, for all these controllers: they share its arrivals. */
export interface Job {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly controllers: readonly string[];
}

/** Runs the jobs on all processors; results come in the order of the jobs. `onDone` is told how many are done. */
export async function runJobs(jobs: readonly Job[], onDone: (done: number) => void): Promise<Result[]> {
  const results: Result[][] = [];
  let next = 0;
  let done = 0;
  const workers = Math.min(availableParallelism(), jobs.length);
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      try {
        while (next < jobs.length) {
          const index = next++;
          results[index] = await answerOf(worker, jobs[index]);
          done += 1;
          onDone(done);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return results.flat();
}

function answerOf(worker: Worker, job: Job | undefined): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage(job);
  });
}
