// `npm run test:cluster`: the tests that need a Kubernetes cluster, against the one that KUBECONFIG names. Each makes
// namespaces of its own and removes them; the LagScaler's definition stays.
import { attempt } from './cluster/access.ts';
import { requireTools } from './cluster/tools.ts';
import { SetupError } from './embedded/setup-error.ts';
import { endWithSignals, runJest } from './local/jest-run.ts';

async function requireCluster(): Promise<void> {
  await requireTools(['kubectl', 'helm'], process.env);
  const { isDone, complaint } = await attempt('kubectl', ['version', '--request-timeout=10s']);
  if (!isDone)
    throw new SetupError(`No cluster answers. Name one by KUBECONFIG, or make one with npm run up.\n${complaint}`);
}

try {
  await requireCluster();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
endWithSignals();
// One file at a time: they share a machine with the cluster, and some of them take its API server or Kafka away.
const { passed, failed } = await runJest(['cluster'], ['--runInBand', ...process.argv.slice(2)]);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\ntests: ${passed} passed, ${failed} failed`);
