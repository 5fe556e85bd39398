/** Lag controllers as processes of this machine, at a real Kafka and a real API server, which each sees through a proxy of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAll } from '../../../scripts/testing/close-all.ts';
import type { ServiceProcess } from '../../../scripts/testing/service-process.ts';
import { killServices, startService } from '../../../scripts/testing/service-process.ts';
import type { Cluster } from '../cluster.ts';
import { type ApiProxy, openApiProxy } from './api-proxy.ts';

export interface Controller {
  readonly process: ServiceProcess;
  readonly api: ApiProxy;
  /** The value of a metric whose line begins with `series`, as `name{label="value"}`; absent where there is none. */
  readonly metric: (series: string) => Promise<number | undefined>;
}

export interface Controllers {
  readonly start: (settings?: Readonly<Record<string, string>>) => Promise<Controller>;
  /** Ends all of them. */
  readonly close: () => Promise<void>;
}

export async function controllersOf(cluster: Cluster, brokers: string): Promise<Controllers> {
  const folder = await mkdtemp(join(tmpdir(), 'lag-controller-'));
  const undo: (() => unknown)[] = [];
  return {
    async start(settings = {}) {
      const kubeconfig = join(folder, `kubeconfig-${undo.length}`);
      const api = await openApiProxy(cluster.config, cluster.namespace, kubeconfig);
      undo.push(api.close);
      const process = await startService('lag-controller', {
        TARGET: 'kubernetes',
        KUBECONFIG: kubeconfig,
        KAFKA_BROKERS: brokers,
        ROUND_MS: '500',
        ...settings,
      });
      return { process, api, metric: (series) => metricOf(process, series) };
    },
    async close() {
      // Also one that never became ready.
      await killServices();
      await closeAll(...undo, () => rm(folder, { recursive: true }));
    },
  };
}

async function metricOf({ url }: ServiceProcess, series: string): Promise<number | undefined> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const line = page.split('\n').find((one) => one.startsWith(series));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
