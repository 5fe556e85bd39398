import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { reasonOf } from '@shop/shared/errors';
import type { Check } from '@shop/shared/http/health';
import type { Logger } from '@shop/shared/log';
import type { Round, RoundListener, Scaler } from '../scaler.ts';
import type { Target } from '../target.ts';
import { type Api, answerOf, connectApi } from './api.ts';
import {
  type Autoscaler,
  conflictOf,
  type Overwrites,
  overwriteConflict,
  overwritesAfter,
  type ReplicasRound,
  setsReplicas,
  unwatched,
} from './conflict.ts';
import { startElection } from './election.ts';
import { type LagScaler, lagScalerSchema, nameOf, policyOfLagScaler, resource } from './lag-scaler.ts';
import { type AddressesOf, clusterDomainOf, serviceAddresses } from './service-addresses.ts';
import { statusWriter } from './status-writer.ts';
import { workloadTarget } from './workload.ts';
import { type Workloads, workloadsByList, workloadsByName } from './workloads.ts';

export interface KubernetesOptions {
  /** Whose LagScalers are served; absent: the namespace of the pod or of the kubeconfig's context. */
  readonly namespace?: string | undefined;
  readonly leaseName: string;
  /** Whether the targets are listed, by one request a round, instead of read by name, by one request each. */
  readonly listTargets: boolean;
  /** Of this process, for the Lease: unique among replicas and restarts. */
  readonly identity: string;
  readonly log: Logger;
}

export interface KubernetesScalers {
  /** The LagScalers as they are now; or, marked as outdated, as they were when they could be read last. Never rejects. */
  scalers(): Promise<readonly Scaler[]>;
  /** Writes status and Events, when this process may write. */
  readonly listen: RoundListener;
  /** True while the Lease is held, by the monotonic clock: to be asked right before each write. */
  mayWrite(): boolean;
  /** When the LagScalers and what else scales could be read last. */
  readAtMs(): number;
  /** Throws a sentence when the LagScalers could not be read. */
  readonly ping: Check;
  /** Gives the Lease back. */
  close(): Promise<void>;
}

/** One LagScaler, with what is remembered of it from round to round. */
interface Served {
  readonly object: LagScaler;
  readonly target: Target;
  overwrites: Overwrites;
  /** Another scaler of the target. */
  rival: string | undefined;
}

/**
 * The LagScalers of a namespace. They are listed anew each round instead of watched: a round asks Kafka anyway, a list of a
 * namespace comes from the API server's memory, and there is no watch that could have gone deaf unnoticed.
 *
 * @throws StartError where no cluster is configured
 */
export function connectKubernetes({ leaseName, identity, log, ...options }: KubernetesOptions): KubernetesScalers {
  const api = connectApi();
  const namespace = options.namespace ?? api.namespace;
  const workloads = options.listTargets ? workloadsByList(api, namespace) : workloadsByName(api, namespace);
  const election = startElection({ api, namespace, name: leaseName, identity, log });
  const status = statusWriter({ api, identity, mayWrite: election.mayWrite, log });
  const addressesOf = serviceAddresses({ clusterDomain: clusterDomain() });
  let served = new Map<string, Served>();
  let fault: string | undefined = 'nothing was read yet';
  // Before the first list, since the start.
  let readAtMs = Date.now();

  const refresh = async () => {
    const [objects, autoscalers] = await Promise.all([
      listLagScalers(api, namespace, log),
      listAutoscalers(api, namespace),
    ]);
    served = new Map(
      objects.map((object) => [nameOf(object), serve(object, served.get(nameOf(object)), { ...api, workloads })]),
    );
    status.keepOnly((name) => served.has(name));
    for (const one of served.values()) one.rival = conflictOf(one.object, objects, autoscalers);
  };

  return {
    async scalers() {
      try {
        await refresh();
        fault = undefined;
        readAtMs = Date.now();
      } catch (error) {
        fault = reasonOf(error);
        log.warn({ err: error }, 'the LagScalers could not be read');
      }
      return [...served.values()].map((one) => scalerOf(one, fault, addressesOf));
    },
    listen(scaler, round) {
      const one = served.get(scaler.name);
      if (one === undefined) return;
      if (!election.mayWrite()) {
        // What the one who acts writes is no stranger's doing, and its status is not the one written here.
        one.overwrites = unwatched(one.overwrites);
        status.forget();
        return;
      }
      one.overwrites = overwritesOf(one, replicasOf(round));
      status.tell(one.object, round, conflictNow(one, round.observation.atMs));
    },
    mayWrite: election.mayWrite,
    readAtMs: () => readAtMs,
    async ping() {
      if (fault !== undefined) throw new Error(fault);
    },
    async close() {
      await status.close();
      await election.stop();
    },
  };
}

function serve(object: LagScaler, before: Served | undefined, api: Api & { readonly workloads: Workloads }): Served {
  const { scaleTargetRef: ref } = object.spec;
  const old = before?.object.spec.scaleTargetRef;
  const isSame = before?.object.metadata.uid === object.metadata.uid && old?.kind === ref.kind && old.name === ref.name;
  if (isSame) return { ...before, object };
  const target = workloadTarget(api, object.metadata.namespace, ref);
  return { object, target, overwrites: { atMs: [] }, rival: undefined };
}

function overwritesOf(one: Served, round: ReplicasRound): Overwrites {
  const isWatched = one.rival === undefined && setsReplicas(one.object);
  return isWatched ? overwritesAfter(one.overwrites, round) : { atMs: [] };
}

function conflictNow({ object, rival, overwrites }: Served, nowMs: number): string | undefined {
  return rival ?? overwriteConflict(object.spec.scaleTargetRef, overwrites, nowMs);
}

function replicasOf({ observation: { target, atMs }, written, attempted }: Round): ReplicasRound {
  return {
    atMs,
    ...(target && { read: target.desired }),
    ...(written !== undefined && { written }),
    ...(attempted !== undefined && { attempted }),
  };
}

function scalerOf(one: Served, fault: string | undefined, addressesOf: AddressesOf): Scaler {
  const { object, target } = one;
  const { spec, status } = object;
  const { consumerMetrics } = spec;
  return {
    name: nameOf(object),
    uid: object.metadata.uid,
    group: spec.consumerGroup,
    topic: spec.topic,
    policy: policyOfLagScaler(object),
    dryRun: spec.dryRun,
    target,
    // What is found now counts: the change that makes a conflict is not overwritten any more.
    conflict: ({ replicas: read, atMs }) =>
      conflictNow({ ...one, overwrites: overwritesOf(one, { atMs, read }) }, atMs),
    ...(fault !== undefined && { outdated: `What is to be scaled could not be read: ${fault}` }),
    ...(consumerMetrics && pagesOf(object, consumerMetrics, addressesOf)),
    ...(status?.learned && { learned: status.learned }),
  };
}

function pagesOf(
  { metadata }: LagScaler,
  { service, port, path }: NonNullable<LagScaler['spec']['consumerMetrics']>,
  addressesOf: AddressesOf,
): Required<Pick<Scaler, 'metricsUrls' | 'metricsName'>> {
  return {
    metricsName: `${service}:${port}${path}`,
    async metricsUrls() {
      const addresses = await addressesOf(service, metadata.namespace);
      return addresses.map((address) => `http://${isIPv6(address) ? `[${address}]` : address}:${port}${path}`);
    },
  };
}

/** Read once: a pod keeps the one that it was made with. */
function clusterDomain(): string {
  try {
    return clusterDomainOf(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    // No such file outside of Linux: then there is no such domain either.
    return clusterDomainOf('');
  }
}

async function listLagScalers({ custom }: Api, namespace: string, log: Logger): Promise<LagScaler[]> {
  // Version 0: from the API server's memory, instead of a quorum read of etcd.
  const query = { ...resource, namespace, resourceVersion: '0' };
  const { items } = (await answerOf('LagScalers', custom.listNamespacedCustomObject(query))) as { items: unknown[] };
  const found = items.flatMap((item) => {
    const { success, data, error } = lagScalerSchema.safeParse(item);
    if (!success)
      log.error({ err: error }, 'a LagScaler is not as the CRD says: is the CRD of this version installed?');
    return success ? [data] : [];
  });
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function listAutoscalers({ autoscaling }: Api, namespace: string): Promise<Autoscaler[]> {
  const query = { namespace, resourceVersion: '0' };
  const { items } = await answerOf('autoscalers', autoscaling.listNamespacedHorizontalPodAutoscaler(query));
  return items.flatMap(({ metadata, spec }) => {
    const { kind, name } = spec?.scaleTargetRef ?? {};
    return kind === 'Deployment' || kind === 'StatefulSet'
      ? [{ name: metadata?.name ?? '', target: { kind, name: name ?? '' } }]
      : [];
  });
}
