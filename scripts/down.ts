// `npm run down`: takes away what `npm run up` has brought, and leaves nothing hanging.
import { Access } from './cluster/access.ts';
import { removeAddon } from './cluster/addon.ts';
import { nameOf, type Resource } from './cluster/condition.ts';
import {
  deleteKafka,
  deleteScalerDefinition,
  deleteTheRest,
  ours,
  releases,
  uninstallCharts,
} from './cluster/down-steps.ts';
import { deleteKind, findKind } from './cluster/kind.ts';
import { removeNamespace } from './cluster/namespace.ts';
import { kindCluster, monitoring, operator, planCluster } from './cluster/plan.ts';
import { requireTools } from './cluster/tools.ts';
import { parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';
import { SetupError } from './embedded/setup-error.ts';

const help = `npm run down [-- FLAGS]

Takes away what \`npm run up\` has brought, with all orders and messages: without KUBECONFIG by deleting the cluster of
kind; in a cluster that is there, the releases, then topics before Kafka before its operator, and the namespace. What was
not made by \`npm run up\` stays, and so does what others use.

  --execute           do it; without it, a cluster that is there is only looked at (kind's is deleted at once)
  --keep-operators    leave Strimzi's operator and monitoring in any case; not without a cluster that is named
  --kubeconfig FILE   a cluster that is there; as KUBECONFIG
  --context NAME      a context of it, or of your own kubeconfig, instead of the current one
  --namespace NAME    where Kafka and the shop live (shop); not without a cluster that is named
  --help              this text

Exit status: 0 when it is gone or shown; 1 otherwise, told in the words of what holds it up.
`;

const losable = ['kafkas.kafka.strimzi.io', 'kafkatopics.kafka.strimzi.io', 'deployments', 'statefulsets', 'pvc'];
const progress = new Progress(process.stdout, () => performance.now());

async function takeAway(access: Access): Promise<void> {
  const told = (names: string[]) => `Releases: ${names.join(', ') || 'none was there'}`;
  const gone = await progress.step('Releases', () => uninstallCharts(access), told);
  await progress.step('Topics, users and Kafka', ({ note }) => deleteKafka(access, note));
  const removed = await progress.step(
    `Namespace ${access.namespace}`,
    () => removeNamespace(access, access.namespace),
    (isGone) => `Namespace ${access.namespace} ${isGone ? 'is removed' : 'is not ours, or not there'}`,
  );
  if (!removed && (await access.has('namespace', access.namespace)))
    await progress.step('MongoDB, RabbitMQ, Kafka UI and monitors', () => deleteTheRest(access));
  if (gone.includes('lag-controller'))
    await progress.step('Definition of LagScaler', () => deleteScalerDefinition(access));
}

async function takeOperatorsAway(access: Access): Promise<void> {
  const named = (name: string) => (outcome: string) => `${name} ${outcome}`;
  await progress.step('Monitoring', () => removeAddon(access, monitoring), named('Monitoring'));
  await progress.step("Strimzi's operator", () => removeAddon(access, operator), named("Strimzi's operator"));
}

/** What there is to lose, for a person to look at. */
async function overview(access: Access): Promise<string> {
  const where = ['-n', access.namespace, ...(await ours(access))];
  const found = await Promise.all(losable.map((kind) => access.list<Resource>(kind, where)));
  const names = [...(await releases(access)).map((name) => `Release/${name}`), ...found.flat().map(nameOf)];
  const list = names.map((name) => `  ${name}`);
  return `${await access.place()}:\n${list.join('\n') || '  nothing'}
All of it would be deleted with --execute; so would Strimzi and monitoring, where \`npm run up\` installed them and nobody else uses them.`;
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run down',
    options: { execute: flag, 'keep-operators': flag, kubeconfig: value, context: value, namespace: value, help: flag },
  });
  if (flags.help) return console.log(help);
  const { cluster, namespace } = planCluster(flags, process.env);
  if (cluster === undefined) {
    if (flags.namespace !== undefined || flags['keep-operators'])
      throw new SetupError(
        '--namespace and --keep-operators are for a cluster that is named, as by KUBECONFIG=$PWD/.data/cluster/kubeconfig.yaml: without a name all of the kind cluster is deleted.',
      );
    await requireTools(['kind', 'docker'], process.env);
    if ((await findKind()) === undefined) return console.log(`There is no kind cluster called ${kindCluster}.`);
    return progress.step(`kind cluster ${kindCluster} deleted`, () => deleteKind());
  }
  await requireTools(['kubectl', 'helm'], process.env);
  const access = new Access(cluster, namespace);
  if (!flags.execute) return console.log(await overview(access));
  await takeAway(access);
  if (!flags['keep-operators']) await takeOperatorsAway(access);
}

await runScript(main);
