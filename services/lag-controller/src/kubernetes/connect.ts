import { lookup } from 'node:dns/promises';
import { reasonOf } from '@shop/shared/errors';
import type { Check } from '@shop/shared/http/health';
import type { Logger } from '@shop/shared/log';
import type { RoundListener, Scaler } from '../scaler.ts';
import type { Target } from '../target.ts';
import { workloadTarget } from '../targets/workload.ts';
import { type Api, answerOf, connectApi } from './api.ts';
import { type Autoscaler, conflictOf, type Overwrites, overwriteConflict, seeReplicas } from './conflict.ts';
import { startElection } from './election.ts';
import { type LagScaler, lagScalerSchema, nameOf, policyOfLagScaler, resource } from './lag-scaler.ts';
import { statusWriter } from './status-writer.ts';

export interface KubernetesOptions {
  /** Whose LagScalers are served; absent: the namespace of the pod or of the kubeconfig's context. */
  readonly namespace?: string | undefined;
  readonly leaseName: string;
  /** Of this process, for the Lease: unique among replicas and restarts. */
  readonly identity: string;
  readonly log: Logger;
}

export interface KubernetesScalers {
  /** The LagScalers as they are now, or as they were when they could be read last. Never rejects. */
  scalers(): Promise<readonly Scaler[]>;
  /** Writes status and Events, when this process may write. */
  readonly listen: RoundListener;
  /** True while the Lease is held, by the monotonic clock: to be asked right before each write. */
  mayWrite(): boolean;
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
  conflict: string | undefined;
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
  const election = startElection({ api, namespace, name: leaseName, identity, log });
  const status = statusWriter({ api, identity, log });
  let served = new Map<string, Served>();
  let fault: string | undefined;

  const refresh = async () => {
    const [objects, autoscalers] = await Promise.all([
      listLagScalers(api, namespace, log),
      listAutoscalers(api, namespace),
    ]);
    served = new Map(objects.map((object) => [nameOf(object), serve(object, served.get(nameOf(object)), api)]));
    for (const one of served.values())
      one.conflict =
        conflictOf(one.object, objects, autoscalers) ??
        overwriteConflict(one.object.spec.scaleTargetRef, one.overwrites);
  };

  return {
    async scalers() {
      try {
        await refresh();
        fault = undefined;
      } catch (error) {
        fault = reasonOf(error);
        log.warn({ err: error }, 'the LagScalers could not be read');
      }
      return [...served.values()].map(scalerOf);
    },
    listen(scaler, round) {
      const one = served.get(scaler.name);
      if (one === undefined) return;
      if (!election.mayWrite()) {
        // What the one who acts writes is no stranger's doing, and its status is not the one written here.
        one.overwrites = { atMs: [] };
        status.forget();
        return;
      }
      const { target, atMs } = round.observation;
      if (target) one.overwrites = seeReplicas(one.overwrites, target.desired, atMs);
      if (round.written !== undefined) one.overwrites = { ...one.overwrites, replicas: round.written };
      status.tell(one.object, round, one.conflict);
    },
    mayWrite: election.mayWrite,
    async ping() {
      if (fault !== undefined) throw new Error(fault);
    },
    close: election.stop,
  };
}

function serve(object: LagScaler, before: Served | undefined, api: Api): Served {
  const { scaleTargetRef: ref } = object.spec;
  const old = before?.object.spec.scaleTargetRef;
  const isSame = before !== undefined && old?.kind === ref.kind && old.name === ref.name;
  if (isSame) return { ...before, object };
  const target = workloadTarget(api, object.metadata.namespace, ref);
  return { object, target, overwrites: { atMs: [] }, conflict: undefined };
}

function scalerOf({ object, target, conflict }: Served): Scaler {
  const { spec, status } = object;
  const { consumerMetrics } = spec;
  return {
    name: nameOf(object),
    group: spec.consumerGroup,
    topic: spec.topic,
    policy: policyOfLagScaler(object),
    dryRun: spec.dryRun,
    target,
    ...(conflict !== undefined && { conflict }),
    ...(consumerMetrics && { metricsUrls: () => pagesOf(object, consumerMetrics) }),
    ...(status?.learned && { learned: status.learned }),
  };
}

/** A headless Service's name stands for all its ready pods: their addresses without a right to read pods. */
async function pagesOf(
  { metadata }: LagScaler,
  metrics: NonNullable<LagScaler['spec']['consumerMetrics']>,
): Promise<string[]> {
  const addresses = await lookup(`${metrics.service}.${metadata.namespace}.svc`, { all: true });
  return addresses.map(({ address, family }) => {
    const host = family === 6 ? `[${address}]` : address;
    return `http://${host}:${metrics.port}${metrics.path}`;
  });
}

async function listLagScalers({ custom }: Api, namespace: string, log: Logger): Promise<LagScaler[]> {
  // Version 0: from the API server's memory, instead of a quorum read of etcd.
  const query = { ...resource, namespace, resourceVersion: '0' };
  const { items } = (await answerOf('LagScalers', custom.listNamespacedCustomObject(query))) as { items: unknown[] };
  return items.flatMap((item) => {
    const { success, data, error } = lagScalerSchema.safeParse(item);
    if (!success)
      log.error({ err: error }, 'a LagScaler is not as the CRD says: is the CRD of this version installed?');
    return success ? [data] : [];
  });
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
