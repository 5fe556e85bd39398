// `npm run up`: the whole shop in a cluster, as often as one likes.
import { Access } from './cluster/access.ts';
import { installAddon } from './cluster/addon.ts';
import { bringImages } from './cluster/images.ts';
import { createKind } from './cluster/kind.ts';
import { ensureNamespace } from './cluster/namespace.ts';
import { allParts, type ClusterPlan, monitoring, operator, planCluster } from './cluster/plan.ts';
import { requireTools, toolsOf } from './cluster/tools.ts';
import {
  applyManifests,
  awaitRabbitmq,
  awaitResources,
  awaitRollout,
  charts,
  hasDisks,
  installChart,
  kafkaKinds,
  scalerKinds,
  whatNext,
} from './cluster/up-steps.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { formatSeconds } from './command-line/duration.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';

const help = `npm run up [-- FLAGS]

Brings the shop into a cluster: Strimzi's operator, Kafka with topics and users, MongoDB, monitoring, the lag controller
and the services. Without KUBECONFIG it makes a cluster with kind first. An exported KUBECONFIG counts, and the first line
names its cluster: unset it to get the kind cluster. What is there already stays, or is brought up to date, so it may be
repeated at any time, and goes on where it failed.

  --env dev|staging   dev: one small Kafka, open inside its namespace; staging: three nodes, TLS, a password for each service (dev)
  --kubeconfig FILE   a cluster that is there; as KUBECONFIG
  --context NAME      a context of it, or of your own kubeconfig, instead of the current one
  --namespace NAME    where Kafka and the shop live (shop)
  --kafka FOLDER      kustomization to make Kafka of, instead of k8s/kafka/ENV
  --rabbitmq FOLDER   kustomization to make a RabbitMQ of, such as k8s/rabbitmq/dev: clients are then told through it how
                      their orders were decided
  --values FILE       more values for charts/shop; staging needs provider.url there, or provider.enabled for the simulated one
  --controller-values FILE   more values for charts/lag-controller
  --registry R        where the nodes get the images, such as ghcr.io/me/shop for ghcr.io/me/shop/orders; kind's are not built then
  --tag TAG           of the images, where they are not built by this command, instead of the charts' version
  --only PARTS        of ${allParts.join(', ')}; several with commas
  --without PARTS     as --only, for what is there already or not wanted
  --timeout S         how long each thing may take to become ready (600)
  --help              this text

Images are built with docker and loaded into kind. For another cluster they are expected on its nodes, or in the registry of
--registry; or IMAGES is a command that is run for each, in a shell, with IMAGE (orders:dev) and SERVICE (orders) set. Images
that are built here keep their tag: pods are replaced when the sources are others than the last time.

Exit status: 0 when all of it is ready; 1 otherwise, told in the words of what failed.
`;

const progress = new Progress(process.stdout, () => performance.now());

/** What belongs to the whole cluster. */
async function bringAddons(access: Access, { parts }: ClusterPlan): Promise<void> {
  const tell = (name: string) => (outcome: string) => `${name} ${outcome}`;
  if (parts.has('operator'))
    await progress.step("Strimzi's operator", () => installAddon(access, operator), tell("Strimzi's operator"));
  if (parts.has('monitoring'))
    await progress.step('Prometheus and Grafana', () => installAddon(access, monitoring), tell('Monitoring'));
}

/** What the shop stands on, in its own namespace. */
async function bringServers(access: Access, plan: ClusterPlan, timeoutMs: number): Promise<void> {
  const { parts, namespace } = plan;
  await progress.step(`Namespace ${namespace}`, () => ensureNamespace(access, namespace, 'shop'));
  const counted = (count: number) => `${count} resources applied`;
  await progress.step('Applying', () => applyManifests(access, plan), counted);
  if (parts.has('kafka') && !(await hasDisks(access)))
    progress.say(
      'There is no default StorageClass: where its pool asks for disks and names no class, Kafka will wait for them.',
    );
  if (parts.has('kafka'))
    await progress.step('Kafka, topics and users', ({ note }) =>
      awaitResources(access, kafkaKinds, { timeoutMs, note }),
    );
  if (parts.has('mongo')) await progress.step('MongoDB', () => awaitRollout(access, 'statefulset/mongo', timeoutMs));
  if (parts.has('rabbitmq')) await progress.step('RabbitMQ', () => awaitRabbitmq(access, timeoutMs));
}

/** @returns the way to the cluster that it is now in */
async function bringUp(plan: ClusterPlan, timeoutMs: number): Promise<Access> {
  const { parts } = plan;
  await requireTools(toolsOf(plan), process.env);
  const cluster = plan.cluster ?? (await progress.step('kind cluster (at first a minute)', () => createKind()));
  const access = new Access(cluster, plan.namespace);
  // Before anything is asked of it: an exported KUBECONFIG is easily forgotten.
  progress.say(await access.place());
  await progress.step('API server', () => access.kubectl(['get', '--raw', '/readyz']));
  const sources = parts.has('images')
    ? await progress.step('Images', ({ note }) => bringImages(plan, note))
    : undefined;
  await bringAddons(access, plan);
  if ((['monitoring', 'kafka', 'mongo', 'rabbitmq', 'kafka-ui', 'charts'] as const).some((part) => parts.has(part)))
    await bringServers(access, plan, timeoutMs);
  if (!parts.has('charts')) return access;
  for (const chart of charts)
    await progress.step(chart, () => installChart(access, chart, plan, { timeoutMs, sources }));
  if ((await access.list(scalerKinds.join())).length > 0)
    await progress.step('LagScalers', ({ note }) => awaitResources(access, scalerKinds, { timeoutMs, note }));
  return access;
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run up',
    options: {
      env: value,
      kubeconfig: value,
      context: value,
      namespace: value,
      kafka: value,
      rabbitmq: value,
      values: value,
      'controller-values': value,
      tag: value,
      registry: value,
      only: value,
      without: value,
      timeout: value,
      help: { type: 'boolean' },
    },
  });
  if (flags.help) return console.log(help);
  const seconds = numberFlag('timeout', flags.timeout, { fallback: 600, min: 1, max: 3_600, whole: true });
  const plan = planCluster(flags, process.env);
  const access = await bringUp(plan, seconds * 1_000);
  progress.say(progress.paint('bold', `Up after ${formatSeconds(performance.now())}.`));
  for (const line of whatNext(access, plan)) progress.say(line);
}

await runScript(main);
