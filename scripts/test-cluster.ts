// `npm run test:cluster [-- JEST'S OPTIONS]`: the tests that need a Kubernetes cluster, against the one that KUBECONFIG names.
// They make namespaces of their own and remove them, and need what serves Strimzi's resources.
//
//   IMAGES           a command that builds the image IMAGE of service SERVICE for the cluster, run for each service before the
//                    tests, as `npm run up` has it; without it the images (IMAGE_TAG, `dev`) must be there
//   OTHER_IMAGE_TAG  without IMAGES: a second tag of these images, which the shop is upgraded to
//   SHOP_KAFKA       kustomization that Kafka is made of, instead of k8s/kafka/staging-one-node
import { attempt } from './cluster/access.ts';
import { bringImages } from './cluster/images.ts';
import { planCluster } from './cluster/plan.ts';
import { requireTools } from './cluster/tools.ts';
import { Progress } from './command-line/progress.ts';
import { SetupError } from './embedded/setup-error.ts';
import { endWithSignals, runHere, runJest } from './testing/jest-run.ts';
import { sum } from './testing/test-tally.ts';

async function requireCluster(): Promise<void> {
  // Not whatever kubectl's own configuration names: these tests install, scale and remove.
  if (!process.env.KUBECONFIG)
    throw new SetupError(
      'Name the cluster to test by KUBECONFIG: that of npm run up is KUBECONFIG=$PWD/.data/cluster/kubeconfig.yaml.',
    );
  await requireTools(['kubectl', 'helm', 'helm3', 'promtool', 'prometheus'], process.env);
  const { isDone, complaint } = await attempt('kubectl', ['version', '--request-timeout=10s']);
  if (!isDone) throw new SetupError(`The cluster of KUBECONFIG does not answer.\n${complaint}`);
}

const progress = new Progress(process.stdout, () => performance.now());
try {
  await requireCluster();
  const plan = planCluster({}, process.env);
  if (plan.parts.has('images')) await progress.step('Images', ({ note }) => bringImages(plan, note));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
endWithSignals();
const run = (projects: readonly string[], options: readonly string[]) =>
  runJest(projects, [...options, '--passWithNoTests', ...process.argv.slice(2)]);
// What runs pods goes one file at a time: they share a machine with the cluster, and two at once keep its brokers from saying
// that they live. So does what is held to seconds: the hand-over of two controllers.
const { passed, failed } = sum([
  await run(['cluster-api'], []),
  await run(['cluster'], ['--runInBand', '--testSequencer', './jest.order.mjs']),
]);
if (passed + failed === 0) console.error('No test has a path that matches.');
// What the tests of the installed shop share, each for the next.
const removed = await runHere(process.execPath, [
  'scripts/down.ts',
  '--execute',
  '--keep-operators',
  '--namespace',
  process.env.SHOP_NAMESPACE ?? 'shop-test',
]);
process.exitCode = passed > 0 && failed === 0 && removed === 0 ? 0 : 1;
console.log(`\ntests: ${passed} passed, ${failed} failed`);
