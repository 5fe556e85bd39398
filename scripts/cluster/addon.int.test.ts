import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type RunResult, run } from '../embedded/run.ts';
import { type Answers, type StandIns, says, standIns } from './stand-ins.ts';

const scripts = join(import.meta.dirname, '..');
let cluster: StandIns;

async function npm(script: string, flags: string[], answers: Answers): Promise<RunResult> {
  cluster = await standIns(answers);
  const env = { ...cluster.env, KUBECONFIG: '/a' };
  return await run(process.execPath, [join(scripts, `${script}.ts`), ...flags], { env });
}

const callsOf = async (start: string) => (await cluster.calls()).filter((call) => call.startsWith(start));

const deployed = says('{"info":{"status":"deployed"},"version":1}');
/** A namespace of others, as `up` leaves one alone. */
const others = (name: string): Answers => ({
  [`kubectl get namespace ${name} -o name*`]: says(`namespace/${name}`),
});
const ours = (name: string): Answers => ({
  [`kubectl get namespace ${name} -o jsonpath*`]: `printf shop`,
  ...others(name),
});
const handOver = "KUBECONFIG='/a' kubectl label namespace monitoring app.kubernetes.io/part-of=shop";
const definitions = says(
  JSON.stringify({
    items: [
      ['kafkas', 'kafka.strimzi.io'],
      ['kafkaconnects', 'kafka.strimzi.io'],
      ['podmonitors', 'monitoring.coreos.com'],
      ['prometheusrules', 'monitoring.coreos.com'],
      ['scaledobjects', 'keda.sh'],
    ].map(([plural, group]) => ({ metadata: { name: `${plural}.${group}` }, spec: { group } })),
  }),
);

/** A Deployment as one of all namespaces. */
function deployment(name: string, labels: object, image = 'registry.example.com/a:1'): Answers {
  const template = { metadata: { labels }, spec: { containers: [{ image }] } };
  const items = [{ metadata: { name, namespace: 'platform' }, spec: { template } }];
  return { 'kubectl get deployments*': says(JSON.stringify({ items })) };
}

afterEach(() => cluster.remove());

describe('npm run up', () => {
  it('leaves a release of our name alone in a namespace that is not ours, and says how to hand it over', async () => {
    const answers = { 'helm status monitoring *': deployed, ...others('monitoring') };
    const { code, output } = await npm('up', ['--only', 'monitoring'], answers);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(handOver) });
    expect(output).toContain('not ours: left as it is');
    expect(await callsOf('helm upgrade')).toEqual([]);
  });

  it('upgrades the release that it installed', async () => {
    const answers = { 'helm status monitoring *': deployed, ...ours('monitoring') };
    expect(await npm('up', ['--only', 'monitoring'], answers)).toMatchObject({ code: 0 });
    expect(await callsOf('helm upgrade --install monitoring')).toHaveLength(1);
  });

  it('installs an operator of which only the definitions are left, and renews those first, as Helm does not', async () => {
    const answers = {
      'kubectl get crd *': says('customresourcedefinition/left'),
      'helm show crds oci://quay.io/strimzi-helm/strimzi-kafka-operator --version 1.2.0': says(
        'apiVersion: v1\nkind: a\napiVersion: v1\nkind: b',
      ),
    };
    expect(await npm('up', ['--only', 'operator'], answers)).toMatchObject({ code: 0 });
    // Helm 3 puts nothing between them.
    expect(await cluster.piped()).toContain('---\napiVersion: v1\nkind: a\n---\napiVersion: v1\nkind: b');
    const calls = (await cluster.calls()).filter((call) => /^(kubectl apply --server-side|helm upgrade)/.test(call));
    expect(calls).toEqual([
      'kubectl apply --server-side --force-conflicts -f -',
      expect.stringContaining('helm upgrade --install strimzi'),
    ]);
  });

  it.each([
    ['operator', "Strimzi's own manifests", deployment('strimzi-cluster-operator', {})],
    ['operator', 'a catalogue', deployment('amq-streams-v3', { 'strimzi.io/kind': 'cluster-operator' })],
    ['operator', 'a stand-in', deployment('strimzi-stand-in', { 'strimzi.io/stand-in': 'true' })],
    ['monitoring', "Prometheus' own manifests", deployment('prometheus-operator', {})],
    ['monitoring', 'a chart', deployment('a', { 'app.kubernetes.io/component': 'prometheus-operator' })],
    ['monitoring', 'an image', deployment('a', {}, 'quay.io/prometheus-operator/prometheus-operator:v0.85.0')],
  ])('installs no second %s beside that of %s', async (part, _, answers) => {
    const { code, output } = await npm('up', ['--only', part], answers);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('is there already (platform/') });
    expect(output).toContain(
      part === 'operator' ? 'STRIMZI_POD_SECURITY_PROVIDER_CLASS=restricted' : 'docs/observability.md',
    );
    expect(await callsOf('helm upgrade')).toEqual([]);
  });

  it.each([
    ['operator', 'what it made', deployment('a', { 'app.kubernetes.io/managed-by': 'strimzi-cluster-operator' })],
    ['monitoring', 'its tool', deployment('a', {}, 'quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0')],
  ])('installs %s beside %s, which is no operator', async (part, _, answers) => {
    expect(await npm('up', ['--only', part], answers)).toMatchObject({ code: 0 });
    expect(await callsOf('helm upgrade')).toHaveLength(1);
  });

  it('installs nothing into a namespace of others, which down would then leave behind', async () => {
    const { code, output } = await npm('up', ['--only', 'monitoring'], others('monitoring'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('`--without monitoring`') });
    expect(output).toContain(handOver);
    expect(await callsOf('helm upgrade')).toEqual([]);
  });
});

describe('npm run down', () => {
  it('leaves a release of our name in a namespace that is not ours, and says how to hand it over', async () => {
    const answers = { 'helm status monitoring *': deployed, ...others('monitoring') };
    const { code, output } = await npm('down', ['--execute'], { ...answers, 'kubectl get crd -o json': definitions });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(handOver) });
    expect(await callsOf('helm uninstall')).toEqual([]);
    expect(await callsOf('kubectl delete crd')).toEqual([]);
  });

  it.each([
    ['monitoring', 'prometheusrules.monitoring.coreos.com'],
    ['strimzi', 'kafkaconnects.kafka.strimzi.io'],
  ])('keeps %s and its definitions while others have one of its %s', async (release, kind) => {
    const { code, output } = await npm('down', ['--execute'], {
      [`helm status ${release} *`]: deployed,
      ...ours(release),
      [`kubectl get ${kind} -o json --all-namespaces`]: says(
        '{"items":[{"metadata":{"name":"a","namespace":"team-b"}}]}',
      ),
      'kubectl get crd -o json': definitions,
    });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`stays: ${kind} team-b/a`) });
    expect(await callsOf('helm uninstall')).toEqual([]);
    expect(await callsOf('kubectl delete')).toEqual([]);
  });

  it('removes what it installed, with its definitions and no others, when only objects of its own are there', async () => {
    const { code } = await npm('down', ['--execute'], {
      'helm status monitoring *': deployed,
      ...ours('monitoring'),
      'kubectl get podmonitors*': says('{"items":[{"metadata":{"name":"a","namespace":"monitoring"}}]}'),
      'kubectl get crd -o json': definitions,
    });
    expect(code).toBe(0);
    expect(await callsOf('helm uninstall')).toHaveLength(1);
    expect(await callsOf('kubectl delete')).toEqual([
      'kubectl delete crd podmonitors.monitoring.coreos.com prometheusrules.monitoring.coreos.com --timeout=120s',
      'kubectl delete namespace monitoring --wait=false',
    ]);
  });

  it('takes the disks that outlive MongoDB and RabbitMQ from a namespace that stays, by our label alone', async () => {
    const { code } = await npm('down', ['--execute', '--keep-operators'], others('shop'));
    expect(code).toBe(0);
    expect(await callsOf('kubectl delete statefulsets')).toEqual([
      'kubectl delete statefulsets,deployments,services,networkpolicies,persistentvolumeclaims -n shop -l app.kubernetes.io/part-of=shop --timeout=180s',
    ]);
  });
});
