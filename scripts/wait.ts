// `npm run wait`: what `tilt up` lacks, the readiness of custom resources.
import { Access } from './cluster/access.ts';
import { planCluster } from './cluster/plan.ts';
import { requireTools } from './cluster/tools.ts';
import { awaitResources, kafkaKinds } from './cluster/up-steps.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { Progress } from './command-line/progress.ts';
import { runScript } from './command-line/run-script.ts';

const help = `npm run wait [-- FLAGS]

Waits until custom resources are as they were asked to be: Kafka, its topics and its users, if nothing else is said.

  --kinds KINDS       others, as kubectl takes them, for example lagscalers
  --kubeconfig FILE   of the cluster; as KUBECONFIG (your own)
  --context NAME      a context of it, instead of the current one
  --namespace NAME    where Kafka lives (shop)
  --timeout S         how long that may take (600)
  --help              this text

Exit status: 0 when they are; 1 otherwise, told in the words of their operators.
`;

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run wait',
    options: {
      kinds: value,
      kubeconfig: value,
      context: value,
      namespace: value,
      timeout: value,
      help: { type: 'boolean' },
    },
  });
  if (flags.help) return console.log(help);
  const seconds = numberFlag('timeout', flags.timeout, { fallback: 600, min: 1, max: 3_600, whole: true });
  const { cluster = { kubeconfig: undefined, context: undefined }, namespace } = planCluster(flags, process.env);
  await requireTools(['kubectl'], process.env);
  const access = new Access(cluster, namespace);
  const progress = new Progress(process.stdout, () => performance.now());
  const kinds = flags.kinds?.split(',') ?? kafkaKinds;
  await progress.step(kinds.map(plainName).join(', '), ({ note }) =>
    awaitResources(access, kinds, { timeoutMs: seconds * 1_000, note }),
  );
}

/** `kafkas` of `kafkas.kafka.strimzi.io`. */
function plainName(kind: string): string {
  return kind.replace(/\..*/, '');
}

await runScript(main);
