// `npm run forward`: the shop in the cluster, its pages and its tools, at ports of this machine.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Access } from './cluster/access.ts';
import { type Forward, planForwards, type ServiceResource } from './cluster/forwarding.ts';
import { findKind } from './cluster/kind.ts';
import { type ClusterPlan, monitoring, planCluster } from './cluster/plan.ts';
import { requireTools } from './cluster/tools.ts';
import { parseFlags } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { readLines } from './embedded/run.ts';
import { SetupError } from './embedded/setup-error.ts';

const help = `npm run forward [-- FLAGS]

Opens ports on this machine, as \`npm start\` has them, to what runs in the cluster; each is opened again when its pod
goes. Ctrl-C closes them.

  --only NAMES        of orders, clients, products, payments, lag-controller, notifications, provider, kafka-ui,
                      grafana, monitoring-prometheus; several with commas (all that are there)
  --kubeconfig FILE   a cluster that is there; as KUBECONFIG (the kind cluster of \`npm run up\`)
  --context NAME      a context of it, or of your own kubeconfig, instead of the current one
  --namespace NAME    where the shop lives (shop)
  --help              this text
`;

const againAfterMs = 1_000;
const stopped = new AbortController();

/** Opens it until Ctrl-C. What kubectl complains of is told once in a row. */
async function keepOpen(access: Access, { service, namespace, localPort, servicePort }: Forward): Promise<void> {
  let told = '';
  while (!stopped.signal.aborted) {
    const forward = access.start([
      'port-forward',
      '-n',
      namespace,
      `service/${service}`,
      `${localPort}:${servicePort}`,
    ]);
    const end = () => forward.kill();
    stopped.signal.addEventListener('abort', end);
    let complaint = '';
    readLines(forward.stderr, (line) => {
      complaint = line;
    });
    await once(forward, 'close');
    stopped.signal.removeEventListener('abort', end);
    if (!stopped.signal.aborted && complaint !== told) console.error(`${service}: ${complaint}`);
    told = complaint;
    await sleep(againAfterMs, undefined, { signal: stopped.signal }).catch(() => {});
  }
}

async function accessOf({ cluster, namespace }: ClusterPlan): Promise<Access> {
  if (cluster !== undefined) return new Access(cluster, namespace);
  await requireTools(['kind'], process.env);
  const found = await findKind();
  if (found === undefined)
    throw new SetupError('There is no cluster: `npm run up` makes one, or name one by KUBECONFIG.');
  return new Access(found, namespace);
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run forward',
    options: { only: value, kubeconfig: value, context: value, namespace: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  await requireTools(['kubectl'], process.env);
  const access = await accessOf(planCluster(flags, process.env));
  const lists = [
    access.list<ServiceResource>('services'),
    access.list<ServiceResource>('services', ['-n', monitoring.namespace]),
  ];
  const forwards = planForwards((await Promise.all(lists)).flat(), flags.only);
  if (forwards.length === 0)
    throw new SetupError(`In namespace ${access.namespace} is nothing of the shop: \`npm run up\`.`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  for (const { service, url } of forwards) console.log(`${service.padEnd(22)} ${url}`);
  await Promise.all(forwards.map((forward) => keepOpen(access, forward)));
}

await runScript(main);
