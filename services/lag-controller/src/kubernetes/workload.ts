import type { TargetSample } from '../law/observation.ts';
import type { Target } from '../target.ts';
import { type Api, answerOf, mergePatch } from './api.ts';
import { type TargetRef, targetName } from './lag-scaler.ts';
import type { Workload, Workloads } from './workloads.ts';

const fieldManager = 'lag-controller';

/**
 * A Deployment or StatefulSet: read itself, written through its `scale` subresource. A write names the version that was read:
 * a process that was stopped between its look at the Lease and its write cannot undo what another has written since.
 */
export function workloadTarget(
  { apps, workloads }: Pick<Api, 'apps'> & { readonly workloads: Workloads },
  namespace: string,
  ref: TargetRef,
): Target {
  const { kind, name } = ref;
  let resourceVersion: string | undefined;
  return {
    async read() {
      const workload = await workloads.read(ref);
      resourceVersion = workload.metadata?.resourceVersion;
      return sampleOf(workload);
    },
    async scale(replicas) {
      const request = {
        name,
        namespace,
        fieldManager,
        body: { metadata: { resourceVersion }, spec: { replicas } },
      };
      const call =
        kind === 'Deployment'
          ? apps.patchNamespacedDeploymentScale(request, mergePatch)
          : apps.patchNamespacedStatefulSetScale(request, mergePatch);
      await answerOf(`${targetName(ref)} to ${replicas}`, call);
    },
  };
}

export function sampleOf(workload: Workload): TargetSample {
  const { spec, status } = workload;
  return {
    // The API server's default for an absent count.
    desired: spec?.replicas ?? 1,
    current: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    rollingOut: isRollingOut(workload),
  };
}

function isRollingOut(workload: Workload): boolean {
  const { metadata, status } = workload;
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) return true;
  if (isHalted(workload) || isOfOneRevision(workload)) return false;
  return (status?.updatedReplicas ?? 0) < (status?.replicas ?? 0);
}

/** A rollout that nobody drives on may last for ever, and must not keep the consumers from being scaled for so long. */
function isHalted({ spec, status }: Workload): boolean {
  const strategy = spec && 'updateStrategy' in spec ? spec.updateStrategy : undefined;
  const isPartial = strategy?.type === 'OnDelete' || (strategy?.rollingUpdate?.partition ?? 0) > 0;
  const isPaused = spec !== undefined && 'paused' in spec && spec.paused === true;
  const isOverdue = status?.conditions?.some(({ type, status: state }) => type === 'Progressing' && state === 'False');
  return isPartial || isPaused || isOverdue === true;
}

/**
 * A StatefulSet counts the pod of a lost node, which keeps ending until somebody deletes it by force, but not as updated: by
 * the counts it would roll out for ever. One that goes back to the revision before, in the midst of a rollout, is not told from it.
 */
function isOfOneRevision({ status }: Workload): boolean {
  return status !== undefined && 'updateRevision' in status && status.updateRevision === status.currentRevision;
}
