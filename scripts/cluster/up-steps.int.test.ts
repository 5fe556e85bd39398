import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type RunResult, run } from '../embedded/run.ts';
import { type Answers, type StandIns, says, standIns } from './stand-ins.ts';

const script = join(import.meta.dirname, '../up.ts');
let cluster: StandIns;

async function up(flags: string[], answers: Answers = {}, env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  cluster = await standIns(answers);
  return await run(process.execPath, [script, ...flags], { env: { ...cluster.env, KUBECONFIG: '/a', ...env } });
}

const upgrades = async () => (await cluster.calls()).filter((call) => call.startsWith('helm upgrade'));
const isAt = (status: string, version: number) => says(JSON.stringify({ info: { status }, version }));

afterEach(() => cluster.remove());

describe('a release of which a helm has died', () => {
  it.each([
    ['shop', 'pending-install', 1, 'helm uninstall shop -n shop'],
    ['shop', 'pending-upgrade', 3, 'helm rollback shop -n shop'],
    ['lag-controller', 'pending-rollback', 4, 'helm rollback lag-controller -n shop'],
    ['shop', 'uninstalling', 4, 'helm uninstall shop -n shop'],
  ])(
    'is not tried again: %s, %s at revision %i, is told with what frees it',
    async (name, status, revision, command) => {
      const { code, output } = await up(['--only', 'charts'], { [`helm status ${name} *`]: isAt(status, revision) });
      expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`Release ${name}`) });
      expect(output).toContain(`\`KUBECONFIG='/a' ${command}\``);
      expect((await upgrades()).filter((call) => call.includes(`--install ${name} `))).toEqual([]);
    },
  );

  it('is told of an operator, too', async () => {
    const { code, output } = await up(['--only', 'operator'], {
      'helm status strimzi *': isAt('pending-install', 1),
      'kubectl get namespace strimzi -o jsonpath*': 'printf shop',
      'kubectl get namespace strimzi *': says('namespace/strimzi'),
    });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('helm uninstall strimzi -n strimzi') });
    expect(await upgrades()).toEqual([]);
  });

  it.each(['deployed', 'failed', 'superseded'])('is not meant where it is %s', async (status) => {
    expect(await up(['--only', 'charts'], { 'helm status *': isAt(status, 2) })).toMatchObject({ code: 0 });
    expect(await upgrades()).toHaveLength(2);
  });
});

describe('the cluster', () => {
  it('is told with the namespace before anything is asked of it', async () => {
    const server = { 'kubectl config view --minify *': says('https://10.0.0.1:6443') };
    const { code, output } = await up(['--only', 'charts', '--namespace', 'blog'], server);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(/^At https:\/\/10\.0\.0\.1:6443, namespace blog\n/),
    });
    expect((await cluster.calls())[0]).toMatch(/^kubectl config view/);
  });
});

describe('what the shop stands on', () => {
  const manifests: Answers = { 'kubectl kustomize *': says('kind: Any') };

  it.each([
    ['its own StatefulSet', {}, /^kubectl rollout status statefulset\/rabbitmq /],
    [
      'the Cluster Operator',
      { 'kubectl get rabbitmqclusters.rabbitmq.com *': says('{"items":[{"metadata":{"name":"rabbitmq"}}]}') },
      /^kubectl wait rabbitmqclusters.rabbitmq.com\/rabbitmq .*condition=AllReplicasReady/,
    ],
  ])('has a RabbitMQ that is waited for as %s makes it', async (_, answers, awaited) => {
    expect(await up(['--only', 'rabbitmq', '--rabbitmq', 'a'], { ...manifests, ...answers })).toMatchObject({
      code: 0,
    });
    const waits = (await cluster.calls()).filter((call) => /^kubectl (wait|rollout)/.test(call));
    expect(waits).toEqual([expect.stringMatching(awaited)]);
  });

  it.each([
    ['is told of', 'no', 'false', true],
    ['is not told of', 'a', 'true', false],
  ])('%s disks that may be missing where there is %s default StorageClass', async (_, __, isDefault, isTold) => {
    const annotations = `{"storageclass.kubernetes.io/is-default-class":"${isDefault}"}`;
    const classes = says(`{"items":[{"metadata":{"annotations":${annotations}}}]}`);
    const ready = says(
      '{"items":[{"kind":"Kafka","metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}',
    );
    const { output } = await up(['--only', 'kafka', '--timeout', '1'], {
      ...manifests,
      'kubectl get storageclass *': classes,
      'kubectl get kafkas*': ready,
    });
    expect(output.includes('There is no default StorageClass')).toBe(isTold);
  });
});

describe('a chart', () => {
  it('has in its pods what its images were built of, so that they are replaced when that changes, and only then', async () => {
    const build = async () => {
      expect(await up(['--only', 'images,charts'], {}, { IMAGES: 'true' })).toMatchObject({ code: 0 });
      const calls = await upgrades();
      await cluster.remove();
      return calls;
    };
    const calls = await build();
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(call).toMatch(/ --set-string podAnnotations\.shop\/sources=[0-9a-f]{16} /);
    expect(await build()).toEqual(calls);
  });

  it('is told the registry by the value that it has for it', async () => {
    const flags = ['--only', 'charts', '--registry', 'ghcr.io/me/shop', '--tag', '1.2.3'];
    expect(await up(flags)).toMatchObject({ code: 0 });
    expect(await upgrades()).toEqual([
      expect.stringMatching(
        / --install lag-controller .* image\.repository=ghcr\.io\/me\/shop\/lag-controller .*image\.tag=1\.2\.3 /,
      ),
      expect.stringMatching(/ --install shop .* image\.registry=ghcr\.io\/me\/shop .*image\.tag=1\.2\.3 /),
    ]);
  });

  it('has nothing of it where the images are those of others', async () => {
    expect(await up(['--only', 'charts'])).toMatchObject({ code: 0 });
    for (const call of await upgrades()) expect(call).not.toContain('podAnnotations');
  });

  it('finds the definition of LagScaler as this version has it, which Helm would not renew', async () => {
    expect(await up(['--only', 'charts'])).toMatchObject({ code: 0 });
    const calls = (await cluster.calls()).filter((call) => /crds|crd\/|--install lag-controller/.test(call));
    expect(calls).toEqual([
      'kubectl apply --server-side --force-conflicts -f charts/lag-controller/crds',
      'kubectl wait --for=condition=Established crd/lagscalers.lagscaler.io --timeout=60s',
      expect.stringContaining('helm upgrade --install lag-controller'),
    ]);
  });
});
