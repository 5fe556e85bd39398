import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type Cluster, openCluster } from './cluster.ts';

jest.setTimeout(60_000);

async function rendered(namespace: string): Promise<{ kind: string }[]> {
  const values = '{"targets":[{"kind":"Deployment","name":"payments"}],"kafka":{"bootstrapServers":"kafka:9092"}}';
  const args = ['template', 'lag-controller', 'charts/lag-controller', '--namespace', namespace, '--values', '-'];
  const helm = spawn(process.env.HELM ?? 'helm', args, { stdio: 'pipe' });
  helm.stdin.end(values);
  const [output, errors, [code]] = await Promise.all([text(helm.stdout), text(helm.stderr), once(helm, 'close')]);
  if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${errors}`);
  return parseAllDocuments(output).map((document) => document.toJS());
}

describe("the controller's ServiceAccount", () => {
  let cluster: Cluster;
  let authorization: AuthorizationV1Api;

  beforeAll(async () => {
    cluster = await openCluster('rights');
    authorization = cluster.config.makeApiClient(AuthorizationV1Api);
    const rights = (await rendered(cluster.namespace)).filter(({ kind }) =>
      /^(ServiceAccount|Role|RoleBinding)$/.test(kind),
    );
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
