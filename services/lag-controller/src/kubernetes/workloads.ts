import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { DomainError } from '@shop/shared/errors';
import { type Api, answerOf } from './api.ts';
import { type TargetRef, targetName } from './lag-scaler.ts';

export type Workload = V1Deployment | V1StatefulSet;

/** Deployments and StatefulSets of one namespace, as they are now. */
export interface Workloads {
  /** @throws DomainError `unavailable`, or `not-found` when there is none of that name */
  readonly read: (ref: TargetRef) => Promise<Workload>;
}

/** One request for each target: all that is needed is the right to read those that are named. */
export function workloadsByName({ apps }: Pick<Api, 'apps'>, namespace: string): Workloads {
  return {
    async read(ref) {
      const { kind, name } = ref;
      const call =
        kind === 'Deployment'
          ? apps.readNamespacedDeployment({ name, namespace })
          : apps.readNamespacedStatefulSet({ name, namespace });
      return await answerOf<Workload>(targetName(ref), call);
    },
  };
}

/**
 * One request for all targets of a kind that are asked for while it is under way, as those of a round are: however many
 * there are, a round costs one list of each kind. Nothing is kept for the next one.
 *
 * Unlike the list of LagScalers it is a consistent one, not from a cache that may lag behind: a count from before our own
 * last write would look like somebody else's doing.
 */
export function workloadsByList({ apps }: Pick<Api, 'apps'>, namespace: string): Workloads {
  const underWay = new Map<TargetRef['kind'], Promise<ReadonlyMap<string | undefined, Workload>>>();

  const list = async (kind: TargetRef['kind']) => {
    const call =
      kind === 'Deployment'
        ? apps.listNamespacedDeployment({ namespace })
        : apps.listNamespacedStatefulSet({ namespace });
    const { items } = await answerOf<{ items: Workload[] }>(`${kind}s`, call);
    return new Map(items.map((workload) => [workload.metadata?.name, workload]));
  };
  const joined = (kind: TargetRef['kind']) => {
    const listed = underWay.get(kind) ?? list(kind).finally(() => underWay.delete(kind));
    underWay.set(kind, listed);
    return listed;
  };

  return {
    async read(ref) {
      const workload = (await joined(ref.kind)).get(ref.name);
      if (workload) return workload;
      // As the API server says it of a name.
      const detail = `${targetName(ref)}: ${ref.kind.toLowerCase()}s.apps "${ref.name}" not found`;
      throw new DomainError('not-found', { code: 'no-such-target', detail });
    },
  };
}
