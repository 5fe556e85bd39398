/** The whole shop in the cluster of KUBECONFIG, as `npm run up` installs it with staging's security. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../../scripts/embedded/run.ts';
import { auditCharges, type LedgerEntry } from '../../../scripts/load/charge-audit.ts';
import { readLedger } from '../../../scripts/load/shop-api.ts';
import { until } from '../../../scripts/testing/until.ts';
import type { LagScaler } from '../../../services/lag-controller/src/kubernetes/lag-scaler.ts';
import { kubectl } from '../cluster.ts';
import { namespace } from './namespace.ts';
import { portForward } from './port-forward.ts';

export const imageTag = process.env.IMAGE_TAG ?? 'dev';
const totalCents = 1_990;

/** What a run of `order-load.mjs` came to. */
export interface LoadResult {
  readonly accepted: readonly string[];
  /** Where there are any, also the reasons that orders has logged. */
  readonly refused: readonly string[];
  readonly words: Readonly<Record<string, number>>;
  /** When the last order was placed, in milliseconds of the clock. */
  readonly placedUntilMs: number;
}

/** @throws with what `npm run up` said */
export async function installShop(): Promise<void> {
  const parts = ['--without', 'images,monitoring', '--namespace', namespace, '--tag', imageTag, '--timeout', '400'];
  const kafka = process.env.SHOP_KAFKA ?? 'k8s/kafka/staging-one-node';
  const values = join(import.meta.dirname, 'values.yaml');
  await mustRun('npm', [
    'run',
    '--silent',
    'up',
    '--',
    '--env',
    'staging',
    '--kafka',
    kafka,
    '--values',
    values,
    ...parts,
  ]);
}

/**
 * Installs it unless it is there, for tests that run while the controller comes down: the wait of Helm 4 fails where replicas change
 * in that instant.
 */
export async function ensureShop(): Promise<void> {
  await lagScaler().catch(installShop);
}

/** kubectl in the shop's namespace. */
export function inShop(args: readonly string[], input?: object): Promise<string> {
  return kubectl(['--namespace', namespace, ...args], input);
}

export async function getJson<T>(args: readonly string[]): Promise<T> {
  return JSON.parse(await inShop(['get', ...args, '--output=json'])) as T;
}

interface PodRun {
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly in?: string;
}

/** Starts a pod that meets PodSecurity «restricted» and runs this JavaScript in Node. @returns its name */
export async function startPod(
  code: string,
  { labels = {}, env = {}, in: where = namespace }: PodRun = {},
): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: where, labels },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'node',
          image: `orders:${imageTag}`,
          imagePullPolicy: 'IfNotPresent',
          args: ['--input-type=module', '--eval', code],
          env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
          // Without any it stands still where the node is busy, and then sends on connections that have been idle for too long.
          resources: { requests: { cpu: '50m' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
  await kubectl(['apply', '-f', '-'], pod);
  return name;
}

/** Waits until the pod has ended and takes it away. @returns what it printed @throws with that, when it failed or takes too long */
export async function podOutput(name: string, { timeoutMs = 300_000, in: where = namespace } = {}): Promise<string> {
  const pod = ['--namespace', where, 'get', 'pod', name, '--output=jsonpath={.status.phase}'];
  const phase = await until(
    `pod ${name} has ended`,
    async () => /Succeeded|Failed/.exec(await kubectl(pod))?.[0],
    timeoutMs,
  );
  const output = await kubectl(['--namespace', where, 'logs', name]);
  await kubectl(['--namespace', where, 'delete', 'pod', name, '--wait=false']);
  if (phase === 'Failed') throw new Error(`the pod failed: ${output}`);
  return output;
}

/** Places orders from a pod that the network policies let call the shop. */
export async function startLoad(orders: number, perSecond: number): Promise<() => Promise<LoadResult>> {
  const name = await startPod(await readFile(join(import.meta.dirname, 'order-load.mjs'), 'utf8'), {
    labels: { 'app.kubernetes.io/name': 'shop-test', 'app.kubernetes.io/instance': 'shop' },
    env: {
      ORDERS_URL: 'http://orders:3001',
      CLIENTS_URL: 'http://clients:3002',
      PRODUCTS_URL: 'http://products:3003',
      ORDERS: String(orders),
      RATE: String(perSecond),
    },
  });
  return async () => {
    const result = JSON.parse((await podOutput(name)).trim().split('\n').at(-1) ?? '') as LoadResult;
    return result.refused.length === 0 ? result : { ...result, refused: [...result.refused, ...(await refusals())] };
  };
}

/** The answer does not say whether it was the network, the pool of connections or the server. */
async function refusals(): Promise<readonly string[]> {
  const pods = ['--selector=app.kubernetes.io/name=orders', '--tail=-1', '--prefix'];
  const lines = await inShop(['logs', ...pods]);
  return lines.split('\n').filter((line) => line.includes('request could not be served'));
}

/** Everything that the provider's own ledger holds. */
export async function ledger(): Promise<readonly LedgerEntry[]> {
  const provider = await portForward('service/provider', 3010);
  try {
    return await readLedger(provider.url);
  } finally {
    await provider.close();
  }
}

/** One phrase for each of these paid orders that was not charged exactly once. */
export async function chargeFaults(orders: readonly string[]): Promise<readonly string[]> {
  const paid = orders.map((id) => ({ id, word: 'PAGO', totalCents }));
  return auditCharges(paid, await ledger()).faults;
}

export async function lagScaler(): Promise<LagScaler> {
  return await getJson<LagScaler>(['lagscaler', 'payments']);
}

/** @returns the reasons of what the controller has told of its LagScaler */
export async function lagScalerEvents(): Promise<readonly string[]> {
  const { items } = await getJson<{ items: { reason: string; involvedObject?: { kind: string } }[] }>(['events']);
  return items.filter(({ involvedObject }) => involvedObject?.kind === 'LagScaler').map(({ reason }) => reason);
}

export async function payments(): Promise<{ wanted: number; ready: number }> {
  const { spec, status } = await getJson<{ spec: { replicas: number }; status: { readyReplicas?: number } }>([
    'deployment',
    'payments',
  ]);
  return { wanted: spec.replicas, ready: status.readyReplicas ?? 0 };
}

/** Takes payments to one pod by hand, as a person may now and then: the controller itself takes minutes to come down. */
export async function restPayments(): Promise<void> {
  await inShop(['scale', 'deployment/payments', '--replicas=1']);
  await until('payments is at rest', async () => (await payments()).ready === 1, 120_000);
}
