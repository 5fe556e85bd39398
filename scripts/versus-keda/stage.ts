import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Access } from '../cluster/access.ts';
import { requireTools } from '../cluster/tools.ts';
import type { Progress } from '../command-line/progress.ts';
import { freePort } from '../embedded/free-port.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { nodeProgram } from '../image/node-program.ts';
import { bootstrapServers, consumerLabels, consumerProgram, kafka, outerPort } from './manifests.ts';
import { metricsPort } from './sides.ts';

const root = join(import.meta.dirname, '../..');
const timeout = '--timeout=180s';

/** Where it is played: a namespace with a Kafka, and what was found in the cluster. */
export interface Stage {
  readonly access: Access;
  /** Of Kafka, as pods reach it and as this process does. */
  readonly bootstrapServers: string;
  readonly brokers: string;
  readonly versions: Versions;
  readonly close: () => Promise<void>;
}

export interface Versions {
  readonly kubernetes: string;
  readonly keda: string;
}

/** @throws SetupError with all that is missing in the cluster of KUBECONFIG */
export async function requireKeda(): Promise<Versions> {
  await requireTools(['kubectl', 'helm'], process.env);
  const access = new Access({ kubeconfig: undefined, context: undefined }, 'default');
  const version = await access.kubectl(['version', '-o', 'json', '--request-timeout=10s']);
  const { gitVersion } = (JSON.parse(version) as { serverVersion: { gitVersion: string } }).serverVersion;
  const definition = await access.has('crd', 'scaledobjects.keda.sh');
  const metrics =
    (await access.kubectl(['get', '--raw', '/apis/external.metrics.k8s.io/v1beta1']).catch(() => '')) !== '';
  const missing = [
    ...(definition ? [] : ['the resource definition scaledobjects.keda.sh']),
    ...(metrics ? [] : ["KEDA's metrics API (external.metrics.k8s.io/v1beta1)"]),
  ];
  if (missing.length > 0)
    throw new SetupError(
      `Not in this cluster: ${missing.join(' and ')}. Install KEDA first: https://keda.sh/docs/2.18/deploy/`,
    );
  return { kubernetes: gitVersion, keda: await kedaVersion(access) };
}

async function kedaVersion(access: Access): Promise<string> {
  const path = 'jsonpath={.items[*].spec.template.spec.containers[*].image}';
  const images = await access.kubectl(['get', 'deployment', '-A', '-l', 'app=keda-operator', '-o', path]);
  return /keda[^:]*:v?(\d+\.\d+\.\d+)/.exec(images)?.[1] ?? 'unknown';
}

/** @param targets names of the Deployments that the lag controller may scale */
export async function openStage(
  progress: Progress,
  { versions, tag, targets }: { versions: Versions; tag: string; targets: readonly string[] },
): Promise<Stage> {
  const namespace = `versus-keda-${randomBytes(3).toString('hex')}`;
  const access = new Access({ kubeconfig: undefined, context: undefined }, namespace);
  const outer = await freePort();
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    await access.kubectl(['create', 'namespace', namespace]);
    undo.push(() => removeAll(access));
    await progress.step('Kafka', async () => {
      await applyAll(access, [...kafka(namespace, outer), consumerProgram(await bundledConsumer())]);
      await access.kubectl(['rollout', 'status', 'deployment/kafka', '-n', namespace, timeout]);
    });
    undo.push(await forward(access, 'deployment/kafka', { port: outer, inner: outerPort }));
    await progress.step('lag controller', () => installController(access, tag, targets));
    return {
      ...{ access, versions, close },
      bootstrapServers: bootstrapServers(namespace),
      brokers: `127.0.0.1:${outer}`,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function applyAll(access: Access, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await access.kubectl(['apply', '-n', access.namespace, '--server-side', '-f', '-'], list);
}

export async function deleteAll(access: Access, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await access.kubectl(['delete', '-n', access.namespace, '--ignore-not-found', timeout, '-f', '-'], list);
}

/** KEDA's resources first: only its operator can take its finalizers away. */
async function removeAll(access: Access): Promise<void> {
  const { namespace } = access;
  if (await access.has('crd', 'scaledobjects.keda.sh'))
    await access.kubectl(['delete', 'scaledobjects.keda.sh', '--all', '-n', namespace, timeout]);
  await access.kubectl(['delete', 'namespace', namespace, '--timeout=300s']);
}

async function bundledConsumer(): Promise<string> {
  const { outputFiles } = await build({
    ...nodeProgram,
    absWorkingDir: root,
    entryPoints: ['scripts/versus-keda/consumer.ts'],
    write: false,
  });
  return (outputFiles[0] as (typeof outputFiles)[number]).text;
}

async function installController(access: Access, tag: string, targets: readonly string[]): Promise<void> {
  const { namespace } = access;
  const values = {
    'image.tag': tag,
    'kafka.bootstrapServers': bootstrapServers(namespace),
    targets: targets.map((name) => ({ kind: 'Deployment', name })),
    'networkPolicy.consumers': [{ podSelector: { matchLabels: consumerLabels }, port: metricsPort }],
  };
  const set = Object.entries(values).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  await access.helm(['install', 'lag-controller', 'charts/lag-controller', '-n', namespace, ...set, '--wait', timeout]);
}

/** A port of a pod at one here, opened again when it is lost. @returns what closes it */
export async function forward(
  access: Access,
  pod: string,
  { port, inner }: { port: number; inner: number },
): Promise<() => Promise<void>> {
  const stopped = new AbortController();
  const open = async () => {
    while (!stopped.signal.aborted) {
      const child = access.start(['port-forward', '-n', access.namespace, pod, `${port}:${inner}`]);
      const end = () => child.kill();
      stopped.signal.addEventListener('abort', end);
      await once(child, 'close');
      stopped.signal.removeEventListener('abort', end);
    }
  };
  const ended = open();
  return () => {
    stopped.abort();
    return ended;
  };
}
