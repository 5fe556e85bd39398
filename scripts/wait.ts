// `npm run wait`: what `tilt up` lacks, the readiness of custom resources.
import { Access } from './cluster/access.ts';
import { planCluster } from './cluster/plan.ts';
import { requireTools } from './cluster/tools.ts';
import { awaitKafka } from './cluster/up-steps.ts';
import { SetupError } from './embedded/setup-error.ts';
import { numberFlag, parseFlags } from './local/arguments.ts';
import { Progress } from './local/progress.ts';

const help = `npm run wait [-- FLAGS]

Waits until Kafka, its topics and its users are as they were asked to be.

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
    options: { kubeconfig: value, context: value, namespace: value, timeout: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const seconds = numberFlag('timeout', flags.timeout, { fallback: 600, min: 1, max: 3_600, whole: true });
  const { cluster = { kubeconfig: undefined, context: undefined }, namespace } = planCluster(flags, process.env);
  await requireTools(['kubectl'], process.env);
  const access = new Access(cluster, namespace);
  const progress = new Progress(process.stdout, () => performance.now());
  await progress.step('Kafka, topics and users', ({ note }) => awaitKafka(access, seconds * 1_000, note));
}

main().catch((error) => {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
});
