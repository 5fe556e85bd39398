/** The Tiltfile by what it asks Tilt for. Tilt itself is not run: what it does with that is not proved here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Call, type KubernetesObject, type Recording, recordTiltfile } from '../tiltfile/record.ts';

const root = join(import.meta.dirname, '../../..');
const source = readFileSync(join(root, 'Tiltfile'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const services = ['clients', 'lag-controller', 'orders', 'payments', 'products', 'provider'];
const workloadKinds = ['Deployment', 'StatefulSet'];

/** The first time the interpreter is fetched. */
const installMs = 120_000;
let tilt: Recording;
beforeAll(async () => {
  tilt = await recordTiltfile(source);
}, installMs);

const callsOf = (name: string): readonly Call[] => tilt.calls.filter(({ call }) => call === name);
const workloads = () => tilt.applied.filter(({ kind }) => workloadKinds.includes(kind));
const containersOf = ({ spec }: KubernetesObject) => spec.template.spec.containers;

interface Resource {
  readonly name: string;
  readonly needs: readonly string[];
  readonly labels: readonly string[];
  readonly call: Call;
}

/** Everything that has a line in Tilt's page. */
function resources(): Resource[] {
  const kubernetes = callsOf('k8s_resource').map((call) => ({ name: call.workload || call.new_name, call }));
  const locals = callsOf('local_resource').map((call) => ({ name: call.name, call }));
  return [...kubernetes, ...locals].map((one) => ({ ...one, needs: one.call.resource_deps, labels: one.call.labels }));
}

function resource(name: string): Resource {
  const found = resources().find((one) => one.name === name);
  if (!found) throw new Error(`no resource ${name}`);
  return found;
}

/** All that must be there before it, directly or not. */
function startsAfter(name: string): string[] {
  const { needs } = resource(name);
  return [...new Set([...needs, ...needs.flatMap(startsAfter)])];
}

/** Every command that is run on the machine, at the start, while Tilt runs, or by a button. */
function commands(): string[][] {
  const ofLocals = callsOf('local_resource').flatMap(({ cmd, serve_cmd }) => [cmd, serve_cmd]);
  const others = [...callsOf('cmd_button').map(({ argv }) => argv), ...callsOf('local').map(({ command }) => command)];
  return [...ofLocals, ...others].filter((command) => command.length > 0);
}

describe('the images', () => {
  it('are built for every service, and are those that the charts run', () => {
    const built = callsOf('docker_build').map(({ ref }) => ref);
    expect([...built].sort()).toEqual(services);
    const run = workloads()
      .flatMap(containersOf)
      .map(({ image }) => image.replace(/:.*/, ''));
    expect(run.filter((image) => !['mongo', 'ghcr.io/kafbat/kafka-ui'].includes(image)).sort()).toEqual(services);
  });

  it('are built for development, of files that are there', () => {
    const dockerfile = readFileSync(join(root, 'services/Dockerfile'), 'utf8');
    for (const { ref, target, build_args, only, dockerfile: path } of callsOf('docker_build')) {
      expect(dockerfile).toContain(` AS ${target}\n`);
      expect({ target, build_args, path }).toEqual({
        target: 'dev',
        build_args: { SERVICE: ref },
        path: 'services/Dockerfile',
      });
      for (const file of only) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
    }
  });

  it('have their sources replaced while they run, where Node looks for them', () => {
    for (const {
      ref,
      live_update: [first, ...syncs],
    } of callsOf('docker_build')) {
      expect(syncs.map(({ sync }: { sync: [string, string] }) => sync)).toEqual(
        [ref, 'shared'].map((name) => [`services/${name}/src`, `/shop/services/${name}/src`]),
      );
      for (const { sync } of syncs) expect(existsSync(join(root, sync[0]))).toBe(true);
      for (const file of first.fall_back_on) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
    }
  });

  it('are made anew for nothing but packages: what else is watched is replaced', () => {
    for (const { ref, only, live_update } of callsOf('docker_build')) {
      const [{ fall_back_on: packages }, ...syncs] = live_update;
      const replaced = syncs.map(({ sync }: { sync: [string, string] }) => sync[0]);
      expect([ref, [...only].sort()]).toEqual([ref, [...packages, ...replaced].sort()]);
    }
  });

  it('may be written to, and only by Tilt: nothing else of the chart is loosened', () => {
    const own = workloads().filter(({ metadata }) => services.includes(metadata.name));
    for (const { securityContext } of own.flatMap(containersOf))
      expect(securityContext).toMatchObject({ readOnlyRootFilesystem: false, allowPrivilegeEscalation: false });
  });
});

describe('the resources', () => {
  const selectorOf = ({ kind, metadata }: KubernetesObject) => `${metadata.name}:${kind.toLowerCase()}`;
  const selectors = () => callsOf('k8s_resource').flatMap(({ objects }): string[] => objects);

  it('have a place for every object, and only one', () => {
    const loose = tilt.applied.filter(({ kind }) => ![...workloadKinds, 'Service'].includes(kind));
    expect([...selectors()].sort()).toEqual(loose.map(selectorOf).sort());
    expect(new Set(selectors()).size).toBe(selectors().length);
  });

  it('have a name for every workload', () => {
    const names = callsOf('k8s_resource')
      .map(({ workload }) => workload)
      .filter(Boolean);
    expect(names.sort()).toEqual(
      workloads()
        .map(({ metadata }) => metadata.name)
        .sort(),
    );
  });

  it('are in the namespace of the shop, but for what belongs to the whole cluster', () => {
    const others = tilt.applied.filter(({ metadata }) => metadata.namespace !== 'shop').map(selectorOf);
    expect(others.sort()).toEqual(['lagscalers.lagscaler.io:customresourcedefinition', 'shop:namespace']);
  });

  it('wait only for what is there, and never for each other', () => {
    const names = resources().map(({ name }) => name);
    for (const { name, needs } of resources()) {
      expect(names).toEqual(expect.arrayContaining([...needs]));
      expect(startsAfter(name)).not.toContain(name);
    }
  });

  it('are grouped', () => {
    for (const { name, labels } of resources()) expect([name, labels.length]).toEqual([name, 1]);
  });

  it('leave the number of payments to the controller', () => {
    const payments = workloads().find(({ metadata }) => metadata.name === 'payments');
    expect(payments?.spec).not.toHaveProperty('replicas');
  });
});

describe('what Tilt can not see', () => {
  it('is waited for: Kafka and its topics are ready before anybody uses them', () => {
    const { call } = resource('kafka-ready');
    expect(call.cmd).toEqual(['npm', 'run', '--silent', 'wait', '--', '--context', 'kind-shop']);
    expect(startsAfter('kafka-ready').sort()).toEqual(['kafka', 'namespace', 'strimzi', 'topics']);
    for (const user of ['orders', 'payments', 'lag-controller', 'kafka-ui'])
      expect(startsAfter(user)).toContain('kafka-ready');
  });

  it('is waited for: the LagScaler is known before it is applied, and ready in the end', () => {
    expect(startsAfter('lag-scaler')).toEqual(
      expect.arrayContaining(['scaler-definition', 'lag-controller', 'payments']),
    );
    expect(startsAfter('lag-scaler-ready')).toContain('lag-scaler');
    expect(resource('lag-scaler-ready').call.cmd).toEqual(expect.arrayContaining(['--kinds', 'lagscalers']));
  });

  it("shows the brokers' logs with Kafka, without taking them for its readiness", () => {
    const { call } = resource('kafka');
    expect(call).toMatchObject({ extra_pod_selectors: [{ 'strimzi.io/cluster': 'shop' }], pod_readiness: 'ignore' });
  });
});

describe('the ports', () => {
  const forwards = () =>
    callsOf('k8s_resource').flatMap(({ workload, port_forwards }) =>
      port_forwards.map((forward: object) => ({ workload, ...forward })),
    );

  it('lead to a port of the container, each from one of its own', () => {
    for (const { workload, container_port } of forwards()) {
      const found = workloads().find(({ metadata }) => metadata.name === workload);
      const ports = found
        ? containersOf(found).flatMap(({ ports: all }: { ports: { containerPort: number }[] }) => all)
        : [];
      expect(ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toContain(container_port);
    }
    const local = forwards().map(({ local_port }) => local_port);
    expect(new Set(local).size).toBe(local.length);
  });

  it('are those of `npm start`, so that its tools find the shop', () => {
    const own = forwards().filter(({ workload }) => services.includes(workload));
    expect(Object.fromEntries(own.map(({ workload, local_port }) => [workload, local_port]))).toEqual({
      orders: 3001,
      clients: 3002,
      products: 3003,
      payments: 3004,
      'lag-controller': 3005,
      provider: 3010,
    });
  });

  it('have a link to begin with', () => {
    for (const name of services) {
      const { links, port_forwards } = resource(name).call;
      expect(links[0].url).toContain(`http://127.0.0.1:${port_forwards[0].local_port}`);
    }
  });
});

describe('the buttons', () => {
  const button = (name: string) => callsOf('cmd_button').find((call) => call.name === name);

  it('place a burst of orders, as many as a person says', () => {
    expect(button('burst')).toMatchObject({ resource: 'orders', inputs: [{ name: 'ORDERS' }, { name: 'RATE' }] });
    expect(button('burst')?.argv.at(-1)).toBe('npm run --silent load -- --orders "$ORDERS" --rate "$RATE"');
  });

  it('pause and resume the controller by the annotation of the LagScaler that is there', () => {
    const scaler = tilt.applied.find(({ kind }) => kind === 'LagScaler');
    const command = ['kubectl', '--context', 'kind-shop', 'annotate', '--overwrite', '-n', 'shop'];
    const target = `lagscaler/${scaler?.metadata.name}`;
    expect(button('pause')?.argv).toEqual([...command, target, 'lagscaler.io/paused=true']);
    expect(button('resume')?.argv).toEqual([...command, target, 'lagscaler.io/paused-']);
  });

  it('hang on resources that are there', () => {
    for (const { resource: name } of callsOf('cmd_button')) expect(resource(name).name).toBe(name);
  });
});

describe('the commands', () => {
  it("are the project's own, and work on the cluster that Tilt works on", () => {
    for (const command of commands()) {
      const text = command.join(' ');
      const [, script] = text.match(/npm run --silent (\S+)/) ?? [];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      if (!text.includes(' load ')) expect(text).toContain(' --context kind-shop');
    }
  });
});

describe('monitoring', () => {
  const monitors = ({ applied }: Recording) => applied.filter(({ kind }) => kind === 'PodMonitor').length;

  it('is asked for only where somebody knows what a monitor is', async () => {
    const [question] = callsOf('local');
    expect(question?.command).toEqual(expect.arrayContaining(['get', 'crd', 'podmonitors.monitoring.coreos.com']));
    expect(monitors(tilt)).toBe(0);
    const monitored = await recordTiltfile(source, 'customresourcedefinition/podmonitors.monitoring.coreos.com');
    expect(monitors(monitored)).toBe(2);
    const policies = monitored.calls.find(({ new_name }) => new_name === 'policies');
    expect(policies?.objects).toContain('shop:podmonitor');
  }, 30_000);
});

describe('the stand-in for Tilt', () => {
  it.each([
    ['an argument that Tilt does not have', "local_resource('x', 'true', needs=['kafka'])", 'needs'],
    ['a function that Tilt does not have', "k8s_wait('kafka')", 'undefined: k8s_wait'],
    [
      'a value that the chart does not have',
      "helm('charts/shop', values=['charts/shop/values-dev.yaml'], set=['orders.replica=2'])",
      /additional propert/i,
    ],
    ['a folder that is none', "kustomize('k8s/zookeeper')", 'zookeeper'],
  ])(
    'refuses %s',
    async (_case, line, complaint) => {
      await expect(recordTiltfile(`${line}\n`)).rejects.toThrow(complaint);
    },
    30_000,
  );
});
