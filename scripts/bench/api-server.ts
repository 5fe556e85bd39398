/** What a lag controller asks of a Kubernetes API server, answered from memory. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Wanted {
  readonly name: string;
  readonly group: string;
  readonly topic: string;
}

export interface ApiServer {
  /** For `KUBECONFIG`. */
  readonly kubeconfig: string;
  /** So far. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** Of a JSON patch. */
interface Operation {
  readonly path: string;
  readonly value?: object | string;
}

const namespace = 'bench';
const lists = /\/(lagscalers|horizontalpodautoscalers|deployments)(?:$|\?)/;
const statusOf = /\/lagscalers\/([^/]+)\/status(?:$|\?)/;

/** @param tick called when a controller begins a round, which is when it lists its scalers */
export async function startApiServer(wanted: readonly Wanted[], folder: string, tick: () => void): Promise<ApiServer> {
  let requests = 0;
  let version = 0;
  const scalers = new Map(wanted.map((one) => [one.name, lagScaler(one)]));
  const leases = new Map<string, object>();

  const listed = (plural: string) => {
    if (plural === 'deployments') return { items: wanted.map(({ name }) => deployment(name)) };
    if (plural !== 'lagscalers') return { items: [] };
    tick();
    return { items: [...scalers.values()] };
  };
  const patched = (name: string, operations: readonly Operation[]) => {
    const before = scalers.get(name);
    const status = operations.find(({ path }) => path === '/status')?.value;
    if (before && typeof status === 'object') scalers.set(name, { ...before, status });
    return before ?? {};
  };
  const stored = (url: string, body: object) => {
    version += 1;
    const { metadata = {} } = body as { metadata?: { name?: string } };
    const lease = { ...body, metadata: { ...metadata, namespace, resourceVersion: String(version) } };
    leases.set(metadata.name ?? url, lease);
    return lease;
  };
  const answer = async (request: IncomingMessage): Promise<object | undefined> => {
    const { method, url = '' } = request;
    const list = lists.exec(url)?.[1];
    if (list !== undefined) return listed(list);
    const scaler = statusOf.exec(url)?.[1];
    if (scaler !== undefined) return patched(scaler, JSON.parse(await textOf(request)) as Operation[]);
    const name = url.split('?')[0]?.split('/').at(-1) ?? '';
    if (url.includes('/deployments/')) return deployment(name);
    if (!url.includes('/leases')) return {};
    return method === 'GET' ? leases.get(name) : stored(url, JSON.parse(await textOf(request)) as object);
  };

  const server = createServer(async (request, response) => {
    requests += 1;
    const found = await answer(request);
    request.resume();
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { kind: 'Status', message: 'not found' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await mkdir(folder, { recursive: true });
  const kubeconfig = join(folder, `kubeconfig-${port}`);
  await writeFile(kubeconfig, JSON.stringify(configOf(`http://127.0.0.1:${port}`)));
  return {
    kubeconfig,
    requests: () => requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = await request.toArray();
  return Buffer.concat(chunks).toString();
}

function lagScaler({ name, group, topic }: Wanted): { metadata: object; spec: object; status?: object } {
  return {
    metadata: { name, namespace, uid: `uid-of-${name}`, generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      ...{ consumerGroup: group, topic, minReplicas: 1, objective: { lagSeconds: 30 }, policy: {}, dryRun: false },
    },
  };
}

function deployment(name: string) {
  return {
    metadata: { name, namespace, resourceVersion: '1', generation: 1 },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, readyReplicas: 1, updatedReplicas: 1 },
  };
}

function configOf(server: string) {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'bench' },
    // Its client speaks HTTP only where it is told to trust everybody.
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', namespace, user: 'bench' } }],
    users: [{ name: 'bench', user: {} }],
  };
}
