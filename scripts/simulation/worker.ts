import { parentPort } from 'node:worker_threads';
import { controllerNamed } from '../../services/lag-controller/src/simulator/catalog.ts';
import { runAll } from '../../services/lag-controller/src/simulator/together.ts';
import { worldOf } from '../../services/lag-controller/src/simulator/world.ts';
import type { Job } from './run-jobs.ts';

parentPort?.on('message', ({ scenario, seed, controllers }: Job) => {
  const world = worldOf(scenario, seed);
  const kinds = controllers.flatMap((name) => controllerNamed(name) ?? []);
  parentPort?.postMessage(
    runAll(
      world,
      kinds.map((kind) => kind.forRun(world)),
    ),
  );
});
