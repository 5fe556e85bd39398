import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import { type Cluster, openCluster } from '../cluster.ts';
import { charts, helm, objectsOf } from '../helm.ts';

jest.setTimeout(60_000);

async function rightsIn(namespace: string): Promise<object[]> {
  const set = [
    '--set-json',
    'targets=[{"kind":"Deployment","name":"payments"}]',
    '--set',
    'kafka.bootstrapServers=kafka:9092',
  ];
  const text = await helm([
    'template',
    'lag-controller',
    join(charts, 'lag-controller'),
    '--namespace',
    namespace,
    ...set,
  ]);
  return objectsOf(text).filter(({ kind = '' }) => /^(ServiceAccount|Role|RoleBinding)$/.test(kind));
}

describe("the controller's ServiceAccount", () => {
  let cluster: Cluster;
  let authorization: AuthorizationV1Api;

  beforeAll(async () => {
    cluster = await openCluster('rights');
    authorization = cluster.config.makeApiClient(AuthorizationV1Api);
    const rights = await rightsIn(cluster.namespace);
    expect(rights).toHaveLength(3);
    await cluster.apply(...rights);
  });
  afterAll(() => cluster.remove());

  /** @param request `verb group/resource[/subresource] [name]`, in the namespace unless `elsewhere` */
  const isAllowed = async (request: string, namespace = cluster.namespace) => {
    const [verb = '', path = '', name] = request.split(' ');
    const [group = '', resource = '', subresource] = path.split('/');
    const { status } = await authorization.createSubjectAccessReview({
      body: {
        spec: {
          user: `system:serviceaccount:${cluster.namespace}:lag-controller`,
          resourceAttributes: {
            namespace,
            verb,
            group,
            resource,
            ...(subresource && { subresource }),
            ...(name && { name }),
          },
        },
      },
    });
    return status?.allowed;
  };

  it.each([
    'list lagscaler.io/lagscalers',
    'patch lagscaler.io/lagscalers/status payments',
    'get apps/deployments payments',
    'patch apps/deployments/scale payments',
    'list autoscaling/horizontalpodautoscalers',
    'create coordination.k8s.io/leases',
    'get coordination.k8s.io/leases lag-controller',
    'update coordination.k8s.io/leases lag-controller',
    'create events.k8s.io/events',
  ])('may %s', async (request) => {
    expect(await isAllowed(request)).toBe(true);
  });

  it.each([
    'update lagscaler.io/lagscalers payments',
    'patch lagscaler.io/lagscalers payments',
    'delete lagscaler.io/lagscalers payments',
    'patch apps/deployments payments',
    'update apps/deployments payments',
    'patch apps/deployments/scale orders',
    'get apps/deployments orders',
    'list apps/deployments',
    'patch apps/statefulsets/scale payments',
    'update coordination.k8s.io/leases another',
    'delete coordination.k8s.io/leases lag-controller',
    'get /secrets',
    'list /secrets',
    'list /pods',
    'get /configmaps',
    'create /pods',
    'create /pods/exec',
    'create rbac.authorization.k8s.io/rolebindings',
  ])('may not %s', async (request) => {
    expect(await isAllowed(request)).toBe(false);
  });

  it.each(['list lagscaler.io/lagscalers', 'patch apps/deployments/scale payments'])(
    'may not %s in another namespace',
    async (request) => {
      expect(await isAllowed(request, 'default')).toBe(false);
    },
  );
});
