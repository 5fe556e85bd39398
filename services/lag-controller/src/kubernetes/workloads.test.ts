import { describe, expect, it } from '@jest/globals';
import type { AppsV1Api, V1Deployment } from '@kubernetes/client-node';
import type { TargetRef } from './lag-scaler.ts';
import { workloadTarget } from './workload.ts';
import { workloadsByList, workloadsByName } from './workloads.ts';

const deployment = (name: string): TargetRef => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
const statefulSet = (name: string): TargetRef => ({ apiVersion: 'apps/v1', kind: 'StatefulSet', name });

/** An API server with one workload of each name, and the requests that it got. */
function server(names: readonly string[]) {
  const requests: string[] = [];
  let version = 1;
  let fault: Error | undefined;
  const workload = (name: string) =>
    ({ metadata: { name, resourceVersion: String(version) }, spec: { replicas: version } }) as V1Deployment;
  const answer = async (request: string, body: object) => {
    requests.push(request);
    if (fault) throw fault;
    return body;
  };
  const apps = {
    readNamespacedDeployment: ({ name }: { name: string }) => answer(`get Deployment ${name}`, workload(name)),
    readNamespacedStatefulSet: ({ name }: { name: string }) => answer(`get StatefulSet ${name}`, workload(name)),
    listNamespacedDeployment: ({ resourceVersion = 'newest' }: { resourceVersion?: string }) =>
      answer(`list Deployments, ${resourceVersion}`, { items: names.map(workload) }),
    listNamespacedStatefulSet: ({ resourceVersion = 'newest' }: { resourceVersion?: string }) =>
      answer(`list StatefulSets, ${resourceVersion}`, { items: names.map(workload) }),
    patchNamespacedDeploymentScale: ({ name, body }: { name: string; body: unknown }) =>
      answer(`scale ${name} ${JSON.stringify(body)}`, {}),
  } as unknown as AppsV1Api;
  return {
    api: { apps },
    requests,
    change: () => {
      version += 1;
    },
    breakDown: () => {
      fault = new Error('connection refused');
    },
  };
}

describe('targets that are listed', () => {
  const names = Array.from({ length: 300 }, (_, index) => `consumer-${index}`);

  it('cost one request of each kind in a round, however many there are', async () => {
    const { api, requests } = server(names);
    const workloads = workloadsByList(api, 'shop');
    const refs = names.map((name, index) => (index % 2 === 0 ? deployment(name) : statefulSet(name)));
    const found = await Promise.all(refs.map(workloads.read));
    expect(requests).toEqual(['list Deployments, newest', 'list StatefulSets, newest']);
    expect(found.map(({ metadata }) => metadata?.name)).toEqual(names);
  });

  it('are listed anew in the next round', async () => {
    const { api, change } = server(names);
    const target = workloadTarget(
      { ...api, workloads: workloadsByList(api, 'shop') },
      'shop',
      deployment('consumer-0'),
    );
    expect((await target.read()).desired).toBe(1);
    change();
    expect((await target.read()).desired).toBe(2);
  });

  it('are scaled from the version that the list had', async () => {
    const { api, requests, change } = server(names);
    change();
    const target = workloadTarget(
      { ...api, workloads: workloadsByList(api, 'shop') },
      'shop',
      deployment('consumer-0'),
    );
    await target.read();
    await target.scale(4);
    expect(requests.at(-1)).toBe('scale consumer-0 {"metadata":{"resourceVersion":"2"},"spec":{"replicas":4}}');
  });

  it('are not there where the list does not name them', async () => {
    const { read } = workloadsByList(server(names).api, 'shop');
    await expect(read(deployment('nobody'))).rejects.toMatchObject({
      kind: 'not-found',
      message: 'Deployment nobody: deployments.apps "nobody" not found',
    });
  });

  it('are all unknown while the list cannot be had, and asked for again', async () => {
    const { api, requests, breakDown } = server(names);
    const { read } = workloadsByList(api, 'shop');
    await read(deployment('consumer-0'));
    breakDown();
    const outcomes = await Promise.allSettled(names.map((name) => read(deployment(name))));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await expect(read(deployment('consumer-0'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(requests).toHaveLength(3);
  });
});

describe('targets that are read by name', () => {
  it('need no right to list: each is one request', async () => {
    const { api, requests } = server([]);
    const { read } = workloadsByName(api, 'shop');
    await Promise.all([read(deployment('a')), read(statefulSet('b'))]);
    expect(requests).toEqual(['get Deployment a', 'get StatefulSet b']);
  });
});
