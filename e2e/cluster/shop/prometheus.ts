/** A real Prometheus beside the tests, which reads the pods that the PodMonitors of the installed shop select. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { freePort } from '../../../scripts/embedded/free-port.ts';
import { until } from '../../../scripts/testing/until.ts';
import { getJson } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { type PortForward, portForward } from './port-forward.ts';

interface PodMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

interface RuleGroup {
  readonly rules: readonly object[];
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface Prometheus {
  /** @throws with what Prometheus said of the query */
  readonly query: (expr: string) => Promise<readonly Sample[]>;
  /** Rules whose newest evaluation failed, with what Prometheus said of it. */
  readonly ruleFaults: () => Promise<readonly string[]>;
  /** Names of the alerts that fire. */
  readonly firing: () => Promise<readonly string[]>;
  /** `pod` of every target, with the error of those that could not be read. */
  readonly targets: () => Promise<Readonly<Record<string, string>>>;
  /** Follows the pods as they come and go. */
  readonly discover: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Every two seconds instead of every fifteen, or the tests would take eight times as long. */
const everySeconds = 2;

/** What the monitor selects, with the port of that name. A label or a port that is wrong selects nothing. */
async function selectedBy(monitor: string): Promise<{ pod: string; port: number; path: string }[]> {
  const { spec } = await getJson<PodMonitor>(['podmonitor', monitor]);
  const labels = Object.entries(spec.selector.matchLabels).map(([name, value]) => `${name}=${value}`);
  const { items } = await getJson<{ items: V1Pod[] }>(['pods', '--selector', labels.join()]);
  const ready = items.filter(({ metadata, status }) => !metadata?.deletionTimestamp && status?.phase === 'Running');
  return ready.flatMap(({ metadata, spec: pod }) =>
    spec.podMetricsEndpoints.flatMap(({ port: wanted, path }) => {
      const ports = pod?.containers.flatMap(({ ports = [] }) => ports) ?? [];
      const port = ports.find(({ name }) => name === wanted)?.containerPort;
      return port === undefined ? [] : [{ pod: metadata?.name ?? '', port, path }];
    }),
  );
}

/** Rules as they are in the cluster, but nothing waits for minutes. */
async function ruleGroups(names: readonly string[]): Promise<RuleGroup[]> {
  const rules = await Promise.all(
    names.map((name) => getJson<{ spec: { groups: RuleGroup[] } }>(['prometheusrule', name])),
  );
  const soon = (rule: object) => ({
    ...rule,
    ...('for' in rule && { for: '4s' }),
    ...('keep_firing_for' in rule && { keep_firing_for: '1s' }),
  });
  return rules.flatMap(({ spec }) => spec.groups).map((group) => ({ ...group, rules: group.rules.map(soon) }));
}

/** @param names of PodMonitors and PrometheusRules alike */
export async function startPrometheus(names: readonly string[]): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const [port, forwards] = [await freePort(), new Map<string, PortForward>()];
  const url = `http://127.0.0.1:${port}`;

  async function discover(): Promise<void> {
    const selected = (await Promise.all(names.map(selectedBy))).flat();
    for (const [pod, forward] of forwards)
      if (!selected.some((one) => one.pod === pod)) {
        forwards.delete(pod);
        await forward.close();
      }
    for (const one of selected)
      if (!forwards.has(one.pod)) forwards.set(one.pod, await portForward(`pod/${one.pod}`, one.port));
    const targets = [...forwards].map(([pod, { url: address }]) => ({
      targets: [new URL(address).host],
      labels: { namespace, pod },
    }));
    // It is read at any moment, so it must be whole at any moment.
    await writeFile(join(folder, 'targets.new'), JSON.stringify(targets));
    await rename(join(folder, 'targets.new'), join(folder, 'targets.json'));
  }

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) });
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  }

  await discover();
  await writeFile(join(folder, 'rules.yaml'), stringify({ groups: await ruleGroups(names) }));
  const interval = `${everySeconds}s`;
  await writeFile(
    join(folder, 'prometheus.yaml'),
    stringify({
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        { job_name: 'pods', file_sd_configs: [{ files: ['targets.json'], refresh_interval: interval }] },
      ],
    }),
  );
  const child = spawn(
    process.env.PROMETHEUS ?? 'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = once(child, 'close');
  async function close(): Promise<void> {
    child.kill();
    await ended;
    await Promise.all([...forwards.values()].map((forward) => forward.close()));
    await rm(folder, { recursive: true });
  }
  await until('Prometheus is ready', async () => (await fetch(`${url}/-/ready`)).ok, 60_000).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    query: async (expr) => (await ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    async ruleFaults() {
      const { groups } = await ask<{
        groups: { rules: { name: string; health: string; lastError?: string }[] }[];
      }>('rules');
      return groups
        .flatMap(({ rules }) => rules)
        .filter(({ health }) => health !== 'ok')
        .map(({ name, health, lastError }) => `${name}: ${lastError || health}`);
    },
    async firing() {
      const { alerts } = await ask<{ alerts: { state: string; labels: { alertname: string } }[] }>('alerts');
      return [
        ...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)),
      ].sort();
    },
    async targets() {
      const { activeTargets } = await ask<{
        activeTargets: { labels: { pod: string }; health: string; lastError: string }[];
      }>('targets?state=active');
      return Object.fromEntries(
        activeTargets.map(({ labels, health, lastError }) => [labels.pod, lastError || health]),
      );
    },
    discover,
    close,
  };
}
