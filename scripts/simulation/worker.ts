import { parentPort } from 'node:worker_threads';
import { controllerNamed } from '../../services/lag-controller/src/simulator/catalog.ts';
import { run } from '../../services/lag-controller/src/simulator/simulate.ts';
import { worldOf } from '../../services/lag-controller/src/simulator/world.ts';
import type { Job } from './run-jobs.ts';

parentPort?.on('message', ({ scenario, seed, controllers }: Job) => {
  const world = worldOf(scenario, seed);
  const kinds = controllers.flatMap((name) => controllerNamed(name) ?? []);
  parentPort?.postMessage(kinds.map((kind) => run(world, kind.forRun(world))));
});
