import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lagController } from '../../../services/lag-controller/src/simulator/controllers.ts';
import type { Measured } from '../../../services/lag-controller/src/simulator/measures.ts';
import type { Scenario } from '../../../services/lag-controller/src/simulator/scenario.ts';
import { run } from '../../../services/lag-controller/src/simulator/simulate.ts';
import { worldOf } from '../../../services/lag-controller/src/simulator/world.ts';
import type { Progress } from '../../command-line/progress.ts';
import { freePort } from '../../embedded/free-port.ts';
import { startKafka } from '../../embedded/kafka.ts';
import { type Played, play } from './play.ts';
import { realScenarios } from './scenarios.ts';

const seed = 1;

/** One scenario, simulated and real. */
export interface Comparison {
  readonly scenario: string;
  readonly simulated: Measured;
  readonly real: Played;
}

/** Plays each scenario in real time on a Kafka of its own, then simulates it with the times that were measured. */
export async function compareWithReal(progress: Progress): Promise<Comparison[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shop-real-'));
  const kafka = await progress.step('Kafka', async () => startKafka({ port: await freePort(), dataDir }));
  try {
    const comparisons: Comparison[] = [];
    for (const scenario of realScenarios)
      comparisons.push(
        await progress.step(scenario.name, (step) =>
          compare(scenario, kafka.brokers.join(), (second, replicas) =>
            step.note(`second ${second} of ${scenario.durationSeconds}, replicas: ${replicas}`),
          ),
        ),
      );
    return comparisons;
  } finally {
    await kafka.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function compare(
  scenario: Scenario,
  brokers: string,
  onSecond: (second: number, replicas: number) => void,
): Promise<Comparison> {
  const real = await play(scenario, seed, { brokers, onSecond });
  const { startSeconds, rebalanceSeconds } = real;
  const world = worldOf({ ...scenario, startSeconds, rebalanceSeconds }, seed);
  const simulated = run(world, lagController('lag-controller', { work: true }).forRun(world));
  return { scenario: scenario.name, simulated, real };
}
